#pragma once

#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include <functional>
#include <memory>
#include <string>

namespace stinky {

struct NlMessageDeleter {
    void operator()(nl_msg* message) const noexcept { nlmsg_free(message); }
};

using NlMessage = std::unique_ptr<nl_msg, NlMessageDeleter>;

struct NlSocketDeleter {
    void operator()(nl_sock* socket) const noexcept { nl_socket_free(socket); }
};

using NlSocketPtr = std::unique_ptr<nl_sock, NlSocketDeleter>;

/// A netlink socket of one protocol (NETLINK_GENERIC, NETLINK_ROUTE), with the kernel's own error texts
/// (extended ACK) switched on.
class NetlinkSocket {
public:
    using Handler = std::function<void(nlmsghdr*)>;

    explicit NetlinkSocket(int protocol);

    /// Sends a request and reads until its acknowledgement (or the end of its dump). `handler` gets each
    /// message of the answer. Throws Error("<tried> <object>: <kernel's text or errno>") with code() =
    /// errno.
    void transact(nl_msg* request, const char* tried, const std::string& object,
                  const Handler& handler = {});

    /// For a socket that was subscribed to multicast groups: non-blocking, no acknowledgements, no sequence
    /// check.
    void makeListener();
    /// Throws Error when the kernel refuses.
    void joinGroup(int group, const char* name);
    /// Hands every message that waits to `handler`. An overrun (ENOBUFS) is reported as false: state must be
    /// re-read.
    bool receive(const Handler& handler);

    int fd() const noexcept { return nl_socket_get_fd(socket_.get()); }

    nl_sock* handle() const noexcept { return socket_.get(); }

private:
    NlSocketPtr socket_;
};

/// The errno that stands for a libnl error code; libnl's own codes lose some of the kernel's.
int errnoOfNl(int nlError) noexcept;

} // namespace stinky
