#pragma once

#include "sim/unique_fd.h"

#include <cstdint>
#include <optional>
#include <string>

namespace stinky::sim {

/// What a TAK client listens to by default.
inline constexpr const char* takGroup = "239.2.3.1";
inline constexpr std::uint16_t takPort = 6969;

struct Ipv4Endpoint {
    std::string address; ///< dotted quad
    std::uint16_t port = 0;

    /// "ADDRESS:PORT"; throws std::invalid_argument.
    static Ipv4Endpoint parse(const std::string& text);

    std::string text() const { return address + ':' + std::to_string(port); }
};

struct Datagram {
    std::string bytes;
    std::string from; ///< "ADDRESS:PORT"
};

/// The following throw std::system_error; the sockets do not block. Port 0 takes a free one.

/// Receives what is sent to one address of this machine, or to any with 0.0.0.0.
UniqueFd listenUnicast(const Ipv4Endpoint& local);

/// Receives what is sent to a multicast group, beside other listeners on this machine. `interface` is a
/// name; empty leaves the choice to the routing table.
UniqueFd listenMulticast(const Ipv4Endpoint& group, const std::string& interface);

/// Where a socket really listens.
Ipv4Endpoint localEndpoint(int fd);

/// The next datagram, or nothing if none waits.
std::optional<Datagram> receive(int fd);

} // namespace stinky::sim
