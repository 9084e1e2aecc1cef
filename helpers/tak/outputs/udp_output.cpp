#include "tak/outputs/udp_output.h"

#include "common/error.h"
#include "common/part_status.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace stinky::tak {
namespace {

constexpr double refusalLasts = 10; // s

bool full(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

} // namespace

UdpOutput::UdpOutput(EventLoop& loop, OutputUrl url, BackoffRules backoff, OutputEvents events)
    : loop_(loop), url_(std::move(url)), backoff_(backoff), events_(std::move(events)) {
    retry_ = loop_.addTimer(std::chrono::milliseconds(50), "retry of " + url_.text, [this] {
        if (blocked_ && socket_) {
            blocked_ = false;
            flush();
            events_.ready();
        } else {
            open();
        }
    });
    open();
}

void UdpOutput::open() {
    const std::vector<Address> numeric = numericAddress(url_.host, url_.port);
    if (!numeric.empty()) {
        connectTo(numeric.front());
        return;
    }
    resolver_.ask(loop_, url_.host, url_.port, [this](Resolution resolution) {
        if (resolution.addresses.empty())
            fail("find the address of " + url_.host + ": " + resolution.problem);
        else
            connectTo(resolution.addresses.front());
    });
}

void UdpOutput::connectTo(const Address& address) {
    blocked_ = false;
    writable_.reset();
    socket_ = Fd(socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!socket_ || setsockopt(socket_.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on) < 0 ||
        connect(socket_.get(), address.get(), address.length) < 0) {
        const int error = errno;
        socket_.reset();
        fail(Error::fromErrno("send to", url_.text, error).what());
        return;
    }
    writable_ = loop_.addIo(socket_.get(), EPOLLOUT | EPOLLET, url_.text, [this](std::uint32_t) {
        if (std::exchange(blocked_, false)) {
            flush();
            events_.ready();
        }
    });
    // It is up with the first datagram that leaves; until then it only has no problem that is known.
    flush();
    if (!blocked_ && socket_)
        events_.ready();
}

std::span<char> UdpOutput::space() {
    if (waiting_.full())
        flush();
    return socket_ && !blocked_ && !waiting_.full() ? waiting_.space() : std::span<char>();
}

void UdpOutput::commit(std::size_t length) {
    waiting_.commit(length);
}

void UdpOutput::flush() {
    while (socket_ && !blocked_ && first_ < waiting_.count()) {
        const auto [sent, error] = waiting_.send(socket_.get(), first_);
        first_ += sent;
        status_.sent += sent;
        const double now = monotonicSeconds();
        if (sent > 0 && now - refused_ > refusalLasts && setUp(now)) {
            backoff_.reset();
            events_.changed();
            if (std::exchange(announce_, false))
                events_.fresh();
        }
        if (error != 0)
            onError(error);
    }
    if (first_ == waiting_.count() && first_ > 0) {
        const bool wasFull = waiting_.full();
        waiting_.clear();
        first_ = 0;
        if (wasFull && socket_)
            events_.ready();
    }
}

void UdpOutput::onError(int error) {
    if (full(error)) {
        blocked_ = true;
        // ENOBUFS is the device's queue, for which no event comes.
        if (error == ENOBUFS)
            retry_.arm(std::chrono::milliseconds(20));
    } else if (error == ECONNREFUSED) {
        // What the last datagram met: nobody listens on that port. It takes this call, the next is sent, and
        // may meet the same.
        refused_ = monotonicSeconds();
        if (setProblem("send to " + url_.text + ": nobody listens there"))
            events_.changed();
    } else if (error == EMSGSIZE) {
        // This link takes less than largestEvent: this one is lost, whatever is done.
        ++first_;
        ++status_.dropped;
        if (setProblem(Error::fromErrno("send to", url_.text, error).what()))
            events_.changed();
    } else {
        fail(Error::fromErrno("send to", url_.text, error).what());
    }
}

void UdpOutput::fail(std::string why) {
    writable_.reset();
    socket_.reset();
    announce_ = true;
    if (setProblem(std::move(why)))
        events_.changed();
    retry_.arm(backoff_.next());
}

void UdpOutput::networkChanged() {
    // A connected socket keeps the address that it leaves from, also when the machine has another now.
    resolver_.cancel();
    retry_.disarm();
    open();
}

} // namespace stinky::tak
