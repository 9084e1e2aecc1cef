#include "common/netlink.h"

#include "common/error.h"

#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>

#include <sys/socket.h>

#include <cerrno>
#include <exception>

namespace stinky {
namespace {

/// What the callbacks of one transaction share.
struct Exchange {
    const NetlinkSocket::Handler* handler = nullptr;
    bool done = false;
    int error = 0; ///< errno, positive
    std::string text;
    std::exception_ptr failure;
};

// The text that the kernel adds to an error: attributes behind the echoed request header (NETLINK_CAP_ACK is
// on, so that only the header is echoed). See linux/netlink.h, enum nlmsgerr_attrs.
std::string extendedAck(const nlmsghdr* header, const nlmsgerr* error) {
    if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
        return {};
    const int offset = NLMSG_ALIGN(static_cast<int>(sizeof(nlmsgerr)));
    const int payload = static_cast<int>(header->nlmsg_len) - NLMSG_HDRLEN;
    if (payload <= offset)
        return {};
    const auto* first = reinterpret_cast<const nlattr*>(reinterpret_cast<const char*>(error) + offset);
    const nlattr* message = nla_find(first, payload - offset, NLMSGERR_ATTR_MSG);
    if (message == nullptr || nla_len(message) < 1)
        return {};
    return {
        static_cast<const char*>(nla_data(message)),
        strnlen(static_cast<const char*>(nla_data(message)), static_cast<std::size_t>(nla_len(message)))};
}

int onValid(nl_msg* message, void* userdata) noexcept {
    auto* exchange = static_cast<Exchange*>(userdata);
    try {
        if (exchange->handler != nullptr && *exchange->handler)
            (*exchange->handler)(nlmsg_hdr(message));
    } catch (...) {
        exchange->failure = std::current_exception();
    }
    return NL_OK;
}

int onAck(nl_msg*, void* userdata) noexcept {
    static_cast<Exchange*>(userdata)->done = true;
    return NL_STOP;
}

int onFinish(nl_msg*, void* userdata) noexcept {
    static_cast<Exchange*>(userdata)->done = true;
    return NL_SKIP;
}

int onError(sockaddr_nl*, nlmsgerr* error, void* userdata) noexcept {
    auto* exchange = static_cast<Exchange*>(userdata);
    exchange->done = true;
    exchange->error = -error->error;
    const auto* header =
        reinterpret_cast<const nlmsghdr*>(reinterpret_cast<const char*>(error) - NLMSG_HDRLEN);
    try {
        exchange->text = extendedAck(header, error);
    } catch (...) {
        exchange->failure = std::current_exception();
    }
    return NL_STOP;
}

int anySequence(nl_msg*, void*) noexcept {
    return NL_OK;
}

struct CallbackDeleter {
    void operator()(nl_cb* callbacks) const noexcept { nl_cb_put(callbacks); }
};

std::unique_ptr<nl_cb, CallbackDeleter> makeCallbacks(Exchange& exchange) {
    std::unique_ptr<nl_cb, CallbackDeleter> callbacks(nl_cb_alloc(NL_CB_CUSTOM));
    if (!callbacks)
        throw Error::fromErrno("allocate", "netlink callbacks", ENOMEM);
    nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, onValid, &exchange);
    nl_cb_set(callbacks.get(), NL_CB_ACK, NL_CB_CUSTOM, onAck, &exchange);
    nl_cb_set(callbacks.get(), NL_CB_FINISH, NL_CB_CUSTOM, onFinish, &exchange);
    nl_cb_err(callbacks.get(), NL_CB_CUSTOM, onError, &exchange);
    return callbacks;
}

} // namespace

int errnoOfNl(int nlError) noexcept {
    switch (nlError < 0 ? -nlError : nlError) {
    case NLE_INTR:
        return EINTR;
    case NLE_AGAIN:
        return EAGAIN;
    case NLE_NOMEM:
        return ENOBUFS; // libnl maps ENOBUFS, the lost-messages error, to this one
    case NLE_BUSY:
        return EBUSY;
    case NLE_NODEV:
        return ENODEV;
    case NLE_OBJ_NOTFOUND:
        return ENOENT;
    case NLE_PERM:
        return EPERM;
    case NLE_OPNOTSUPP:
        return EOPNOTSUPP;
    case NLE_INVAL:
        return EINVAL;
    default:
        return EIO;
    }
}

NetlinkSocket::NetlinkSocket(int protocol) : socket_(nl_socket_alloc()) {
    if (!socket_)
        throw Error::fromErrno("allocate", "netlink socket", ENOMEM);
    const int r = nl_connect(socket_.get(), protocol);
    if (r < 0)
        throw Error("open", "netlink socket", nl_geterror(r), errnoOfNl(r));
    // Both only improve error texts: an older kernel may refuse them.
    const int on = 1;
    setsockopt(fd(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    setsockopt(fd(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
}

void NetlinkSocket::transact(nl_msg* request, const char* tried, const std::string& object,
                             const Handler& handler) {
    Exchange exchange;
    exchange.handler = &handler;
    const auto callbacks = makeCallbacks(exchange);
    const int sent = nl_send_auto(socket_.get(), request);
    if (sent < 0)
        throw Error(tried, object, nl_geterror(sent), errnoOfNl(sent));
    while (!exchange.done) {
        const int r = nl_recvmsgs(socket_.get(), callbacks.get());
        if (r < 0 && !exchange.done)
            throw Error(tried, object, nl_geterror(r), errnoOfNl(r));
    }
    if (exchange.failure)
        std::rethrow_exception(exchange.failure);
    if (exchange.error == 0)
        return;
    Error error = Error::fromErrno(tried, object, exchange.error);
    if (!exchange.text.empty())
        throw Error(tried, object, error.why() + " (kernel: " + exchange.text + ")", exchange.error);
    throw error;
}

void NetlinkSocket::makeListener() {
    nl_socket_disable_auto_ack(socket_.get());
    const int r = nl_socket_set_nonblocking(socket_.get());
    if (r < 0)
        throw Error("set non-blocking", "netlink socket", nl_geterror(r), errnoOfNl(r));
}

void NetlinkSocket::joinGroup(int group, const char* name) {
    const int r = nl_socket_add_membership(socket_.get(), group);
    if (r < 0)
        throw Error("join netlink group", name, nl_geterror(r), errnoOfNl(r));
}

bool NetlinkSocket::receive(const Handler& handler) {
    Exchange exchange;
    exchange.handler = &handler;
    const auto callbacks = makeCallbacks(exchange);
    nl_cb_set(callbacks.get(), NL_CB_SEQ_CHECK, NL_CB_CUSTOM, anySequence, nullptr);
    bool complete = true;
    for (;;) {
        const int r = nl_recvmsgs(socket_.get(), callbacks.get());
        if (exchange.failure)
            std::rethrow_exception(exchange.failure);
        if (r == -NLE_AGAIN)
            return complete;
        if (r == -NLE_NOMEM)
            complete = false;
        else if (r < 0 && r != -NLE_INTR)
            throw Error("receive from", "netlink socket", nl_geterror(r), errnoOfNl(r));
    }
}

} // namespace stinky
