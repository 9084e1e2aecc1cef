#include "sim/tak_socket.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

namespace stinky::sim {

namespace {

constexpr int receiveBuffer = 1 << 20; // a burst of some hundred events waits here while one is parsed

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in toSockaddr(const Ipv4Endpoint& endpoint) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    if (inet_pton(AF_INET, endpoint.address.c_str(), &address.sin_addr) != 1) {
        throw std::invalid_argument("not an IPv4 address: " + endpoint.address);
    }
    return address;
}

Ipv4Endpoint toEndpoint(const sockaddr_in& address) {
    std::array<char, INET_ADDRSTRLEN> text{};
    inet_ntop(AF_INET, &address.sin_addr, text.data(), text.size());
    return {text.data(), ntohs(address.sin_port)};
}

void setOption(int fd, int level, int name, int value) {
    if (setsockopt(fd, level, name, &value, sizeof value) != 0) {
        fail("setsockopt");
    }
}

UniqueFd openUdp() {
    UniqueFd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) {
        fail("socket");
    }
    setOption(fd.get(), SOL_SOCKET, SO_RCVBUF, receiveBuffer);
    return fd;
}

void bindTo(int fd, const Ipv4Endpoint& endpoint) {
    const sockaddr_in address = toSockaddr(endpoint);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("bind to " + endpoint.text());
    }
}

} // namespace

Ipv4Endpoint Ipv4Endpoint::parse(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    Ipv4Endpoint endpoint;
    if (colon != std::string::npos) {
        const char* end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, endpoint.port);
        if (error == std::errc() && rest == end) {
            endpoint.address = text.substr(0, colon);
            toSockaddr(endpoint);
            return endpoint;
        }
    }
    throw std::invalid_argument("not ADDRESS:PORT: " + text);
}

UniqueFd listenUnicast(const Ipv4Endpoint& local) {
    UniqueFd fd = openUdp();
    bindTo(fd.get(), local);
    return fd;
}

UniqueFd listenMulticast(const Ipv4Endpoint& group, const std::string& interface) {
    ip_mreqn membership{};
    membership.imr_multiaddr = toSockaddr(group).sin_addr;
    if (!IN_MULTICAST(ntohl(membership.imr_multiaddr.s_addr))) {
        throw std::invalid_argument(group.address + " is not a multicast group");
    }
    if (!interface.empty()) {
        membership.imr_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
        if (membership.imr_ifindex == 0) {
            fail(interface);
        }
    }
    UniqueFd fd = openUdp();
    setOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    // Otherwise a group that another program on this machine has joined would be heard on every interface.
    setOption(fd.get(), IPPROTO_IP, IP_MULTICAST_ALL, 0);
    bindTo(fd.get(), group);
    if (setsockopt(fd.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership) != 0) {
        fail("join " + group.address + (interface.empty() ? " (no route to it? name an interface)" : ""));
    }
    return fd;
}

Ipv4Endpoint localEndpoint(int fd) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
        fail("getsockname");
    }
    return toEndpoint(address);
}

std::optional<Datagram> receive(int fd) {
    std::array<char, 65536> buffer{};
    sockaddr_in from{};
    socklen_t length = sizeof from;
    const ssize_t size =
        recvfrom(fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
    if (size < 0) {
        if (errno == EAGAIN || errno == EINTR) {
            return std::nullopt;
        }
        fail("recvfrom");
    }
    return Datagram{{buffer.data(), static_cast<std::size_t>(size)}, toEndpoint(from).text()};
}

} // namespace stinky::sim
