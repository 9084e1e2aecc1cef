#include "web/listener.h"

#include "common/error.h"
#include "common/part_status.h"

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace stinky::web {
namespace {

// A crowd that comes at once must not keep the loop from its other work.
constexpr int mostAtOnce = 64;

} // namespace

Listener::Listener(EventLoop& loop, Fd listening, std::size_t most, std::chrono::seconds idle, Spoken spoken,
                   Others others, Complain complain)
    : loop_(loop),
      listening_(std::move(listening)),
      most_(most),
      idle_(idle),
      spoken_(std::move(spoken)),
      others_(std::move(others)),
      complain_(std::move(complain)),
      poll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (!poll_)
        throw Error::fromErrno("make", "an epoll for web clients", errno);
    // accept4(2) is asked until nobody is left; systemd hands its sockets over as blocking ones.
    const int flags = fcntl(listening_.get(), F_GETFL);
    if (flags < 0 || fcntl(listening_.get(), F_SETFL, flags | O_NONBLOCK) < 0)
        throw Error::fromErrno("prepare", "the socket of port 5000", errno);
    timer_ = loop_.addTimer(std::chrono::milliseconds(500), "silent web clients", [this] { close(); });
    heard_ = loop_.addIo(poll_.get(), EPOLLIN, "web clients that begin", [this](std::uint32_t) { hear(); });
    listen();
}

void Listener::listen() {
    incoming_ =
        loop_.addIo(listening_.get(), EPOLLIN, "new web clients", [this](std::uint32_t) { accept(); });
}

void Listener::makeRoom() {
    if (!incoming_.active() && silent_.size() + others_() < most_)
        listen();
}

void Listener::accept() {
    for (int i = 0; i < mostAtOnce && acceptOne(); ++i) {
    }
    arm();
}

bool Listener::acceptOne() {
    const bool full = silent_.size() + others_() >= most_;
    if (full && silent_.empty()) {
        incoming_.reset();
        return false;
    }
    Arrival arrival;
    arrival.addressSize = sizeof arrival.address;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how sockets are
    arrival.fd = Fd(accept4(listening_.get(), reinterpret_cast<sockaddr*>(&arrival.address),
                            &arrival.addressSize, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (arrival.fd) {
        if (full)
            silent_.erase(silent_.begin());
        keep(std::move(arrival));
        return true;
    }
    // accept(2): an error of the one that came is none of the socket's.
    if (errno == ECONNABORTED || errno == EINTR || errno == EPROTO)
        return true;
    if (errno != EAGAIN) {
        complain_(std::string("cannot take a connection: ") + std::strerror(errno));
        // It would be asked again at once, and without end.
        incoming_.reset();
        failed_ = true;
    }
    return false;
}

void Listener::keep(Arrival arrival) {
    epoll_event event = {};
    event.events = EPOLLIN | EPOLLRDHUP;
    event.data.u64 = ++last_;
    if (epoll_ctl(poll_.get(), EPOLL_CTL_ADD, arrival.fd.get(), &event) < 0) {
        complain_(std::string("cannot watch a connection: ") + std::strerror(errno));
        return;
    }
    silent_.emplace(last_, Silent{std::move(arrival),
                                  monotonicSeconds() + std::chrono::duration<double>(idle_).count()});
}

void Listener::hear() {
    std::array<epoll_event, mostAtOnce> events = {};
    const int count = epoll_wait(poll_.get(), events.data(), mostAtOnce, 0);
    for (int i = 0; i < count; ++i) {
        // An epoll_event is packed: no reference to what is in it.
        const std::uint64_t which = events.at(static_cast<std::size_t>(i)).data.u64;
        auto node = silent_.extract(which);
        if (node.empty())
            continue;
        Arrival arrival = std::move(node.mapped().arrival);
        epoll_ctl(poll_.get(), EPOLL_CTL_DEL, arrival.fd.get(), nullptr);
        spoken_(std::move(arrival));
    }
}

void Listener::close() {
    armed_ = false;
    const double now = monotonicSeconds();
    while (!silent_.empty() && silent_.begin()->second.until <= now)
        silent_.erase(silent_.begin());
    if (std::exchange(failed_, false) && !incoming_.active())
        listen();
    arm();
}

void Listener::arm() {
    // After a failure it is tried again, also when nobody is left to make room.
    if (armed_ || (silent_.empty() && !failed_))
        return;
    const double left = silent_.empty() ? 1 : silent_.begin()->second.until - monotonicSeconds();
    timer_.arm(std::chrono::milliseconds(static_cast<long>(std::max(left, 0.0) * 1000)));
    armed_ = true;
}

} // namespace stinky::web
