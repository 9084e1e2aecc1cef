#pragma once

#include "common/event_loop.h"

#include <sys/socket.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stinky::tak {

struct Address {
    sockaddr_storage storage = {};
    socklen_t length = 0;

    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }

    int family() const noexcept { return storage.ss_family; }
};

/// Addresses of a host, or for people why there are none.
struct Resolution {
    std::vector<Address> addresses;
    std::string problem;
};

/// The address of "192.168.1.20" or "fd00::1"; empty for a name.
std::vector<Address> numericAddress(const std::string& host, std::uint16_t port);

/// Asks getaddrinfo(3), so that /etc/hosts, mDNS and all else that the machine is set up for work, on a
/// thread of its own: it may take half a minute and cannot be interrupted (docs/adr/0050). One at a time;
/// the loop goes on, and a question that nobody waits for any more is left to end by itself.
class Resolver {
public:
    Resolver() noexcept = default;

    void ask(EventLoop& loop, const std::string& host, std::uint16_t port,
             std::function<void(Resolution)> answer);
    void cancel() noexcept;

private:
    struct Question;

    std::shared_ptr<Question> question_;
    EventSource answered_;
};

} // namespace stinky::tak
