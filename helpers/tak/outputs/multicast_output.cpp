#include "tak/outputs/multicast_output.h"

#include "common/error.h"
#include "common/part_status.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::chrono::seconds patience{1};

} // namespace

MulticastOutput::MulticastOutput(EventLoop& loop, OutputUrl url, OutputEvents events)
    : loop_(loop), url_(std::move(url)), events_(std::move(events)) {
    group_.sin_family = AF_INET;
    group_.sin_port = htons(url_.port);
    inet_pton(AF_INET, url_.host.c_str(), &group_.sin_addr);
    ttl_ = static_cast<unsigned char>(std::stoi(url_.option("ttl", "1")));
    patience_ = loop_.addTimer(std::chrono::milliseconds(50), "patience of " + url_.text,
                               [this] { onPatienceEnd(); });
    networkChanged();
}

void MulticastOutput::networkChanged() {
    const std::vector<MulticastInterface> now = multicastInterfaces(url_.option("interface"));
    std::erase_if(links_, [&](const auto& link) {
        return !link->problem.empty() || std::find(now.begin(), now.end(), link->interface) == now.end();
    });
    bool fresh = false;
    for (const MulticastInterface& interface : now) {
        if (std::any_of(links_.begin(), links_.end(),
                        [&](const auto& link) { return link->interface == interface; }))
            continue;
        links_.push_back(std::make_unique<Link>());
        links_.back()->interface = interface;
        open(*links_.back());
        fresh |= links_.back()->problem.empty();
    }
    if (links_.empty()) {
        const std::string only = url_.option("interface");
        if (setProblem("send to " + url_.text + ": " +
                       (only.empty() ? "no interface with an IPv4 address is up"
                                     : only + " is not up or has no IPv4 address")))
            events_.changed();
        return;
    }
    flush();
    if (fresh) {
        events_.fresh();
        events_.ready();
    }
}

void MulticastOutput::open(Link& link) {
    link.socket = Fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ip_mreqn way = {};
    way.imr_ifindex = static_cast<int>(link.interface.index);
    const int fd = link.socket.get();
    if (!link.socket || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &way, sizeof way) < 0 ||
        setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl_, sizeof ttl_) < 0 ||
        connect(fd, reinterpret_cast<const sockaddr*>(&group_), sizeof group_) < 0) {
        link.problem = Error::fromErrno("send to", url_.text + " on " + link.interface.name, errno).what();
        return;
    }
    link.writable = loop_.addIo(fd, EPOLLOUT | EPOLLET, url_.text, [this, &link](std::uint32_t) {
        if (std::exchange(link.blocked, false)) {
            flush();
            events_.ready();
        }
    });
}

std::span<char> MulticastOutput::space() {
    if (waiting_.full())
        flush();
    return links_.empty() || waiting_.full() ? std::span<char>() : waiting_.space();
}

void MulticastOutput::commit(std::size_t length) {
    waiting_.commit(length);
}

void MulticastOutput::send(Link& link) {
    if (!link.socket || link.blocked || link.first == waiting_.count())
        return;
    const auto [sent, error] = waiting_.send(link.socket.get(), link.first);
    link.first += sent;
    if (error == EAGAIN || error == ENOBUFS) {
        link.blocked = true;
        return;
    }
    link.problem = error == 0
                       ? ""
                       : Error::fromErrno("send to", url_.text + " on " + link.interface.name, error).what();
    // What this interface refuses the others have sent. It is tried again with the next event.
    if (error != 0)
        link.first = waiting_.count();
}

void MulticastOutput::flush() {
    if (waiting_.count() == 0 || links_.empty())
        return;
    for (const auto& link : links_)
        send(*link);
    if (std::any_of(links_.begin(), links_.end(),
                    [&](const auto& link) { return link->blocked && link->first < waiting_.count(); })) {
        patience_.arm(patience);
        return;
    }
    const auto works = [](const auto& link) {
        return link->problem.empty();
    };
    if (std::any_of(links_.begin(), links_.end(), works)) {
        status_.sent += waiting_.count();
        if (setUp(monotonicSeconds()))
            events_.changed();
    } else {
        status_.dropped += waiting_.count();
        if (setProblem(links_.front()->problem))
            events_.changed();
    }
    const bool wasFull = waiting_.full();
    waiting_.clear();
    for (const auto& link : links_)
        link->first = 0;
    if (wasFull)
        events_.ready();
}

void MulticastOutput::onPatienceEnd() {
    for (const auto& link : links_) {
        if (std::exchange(link->blocked, false) && link->first < waiting_.count()) {
            link->first = waiting_.count();
            link->problem = "send to " + url_.text + " on " + link->interface.name + ": its socket is full";
        }
    }
    flush();
}

std::string MulticastOutput::interfaces() const {
    std::string text;
    for (const auto& link : links_)
        text += (text.empty() ? "" : ", ") + link->interface.name + " " + link->interface.address;
    return text;
}

} // namespace stinky::tak
