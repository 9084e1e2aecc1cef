#include "health/tcp_check.h"

#include "common/error.h"

#include <netdb.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

namespace stinky::health {

TcpCheck::TcpCheck(EventLoop& loop, const CheckOptions& options)
    : loop_(loop), name_(options.name), timeout_(options.timeout) {
    const auto target = parseTcpTarget(name_);
    if (!target)
        throw Error("check", name_, "expected tcp:host:port");
    addrinfo hints = {};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    addrinfo* found = nullptr;
    const std::string host = target->host == "localhost" ? "127.0.0.1" : target->host;
    const int r = getaddrinfo(host.c_str(), target->port.c_str(), &hints, &found);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, freeaddrinfo);
    if (r != 0)
        throw Error("check", name_, gai_strerror(r));
    address_.assign(reinterpret_cast<const char*>(found->ai_addr),
                    reinterpret_cast<const char*>(found->ai_addr) + found->ai_addrlen);
    timer_ = loop_.addTimer(std::chrono::milliseconds(10), "TCP check", [this] { end(ETIMEDOUT); });
}

void TcpCheck::look(Done done) {
    done_ = std::move(done);
    const auto* address = reinterpret_cast<const sockaddr*>(address_.data());
    socket_ = Fd(socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket_)
        throw Error::fromErrno("open a socket for", name_, errno);
    timer_.arm(timeout_);
    const int r = connect(socket_.get(), address, static_cast<socklen_t>(address_.size()));
    if (r < 0 && errno != EINPROGRESS) {
        // The answer comes from the loop, also when it is known now; the kernel tells the error once only.
        const int err = errno;
        writable_ = loop_.addIo(socket_.get(), EPOLLOUT, name_, [this, err](std::uint32_t) { end(err); });
        return;
    }
    writable_ = loop_.addIo(socket_.get(), EPOLLOUT, name_, [this](std::uint32_t) { onConnected(); });
}

void TcpCheck::onConnected() {
    int err = 0;
    socklen_t length = sizeof err;
    if (getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &err, &length) < 0)
        err = errno;
    end(err);
}

void TcpCheck::end(int err) {
    timer_.disarm();
    writable_.reset();
    socket_.reset();
    Finding finding;
    finding.flows = err == 0;
    finding.state = finding.flows ? PartState::ok : PartState::fault;
    finding.reason = finding.flows ? "takes connections on " + name_.substr(4)
                                   : "no connection to " + name_.substr(4) + ": " + std::strerror(err);
    std::exchange(done_, nullptr)(std::move(finding));
}

} // namespace stinky::health
