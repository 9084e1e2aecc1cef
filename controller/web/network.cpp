#include "web/network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace stinky::web {
namespace {

constexpr std::array<std::uint8_t, 12> mappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

} // namespace

std::optional<Address> Address::parse(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN)
        return {};
    const std::string terminated(text);
    Address address;
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1)
        return address;
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data() + mappedPrefix.size()) != 1)
        return {};
    std::copy(mappedPrefix.begin(), mappedPrefix.end(), address.bytes_.begin());
    return address;
}

std::optional<Address> Address::of(const sockaddr* peer) noexcept {
    Address address;
    if (peer != nullptr && peer->sa_family == AF_INET6) {
        sockaddr_in6 v6 = {};
        std::memcpy(&v6, peer, sizeof v6);
        std::memcpy(address.bytes_.data(), &v6.sin6_addr, address.bytes_.size());
        return address;
    }
    if (peer != nullptr && peer->sa_family == AF_INET) {
        sockaddr_in v4 = {};
        std::memcpy(&v4, peer, sizeof v4);
        std::copy(mappedPrefix.begin(), mappedPrefix.end(), address.bytes_.begin());
        std::memcpy(address.bytes_.data() + mappedPrefix.size(), &v4.sin_addr, sizeof v4.sin_addr);
        return address;
    }
    return {};
}

bool Address::isV4() const noexcept {
    return std::equal(mappedPrefix.begin(), mappedPrefix.end(), bytes_.begin());
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer = {};
    if (isV4())
        inet_ntop(AF_INET, bytes_.data() + mappedPrefix.size(), buffer.data(), buffer.size());
    else
        inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
}

std::optional<Network> Network::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto base = Address::parse(text.substr(0, slash));
    if (!base)
        return {};
    Network network;
    network.base_ = *base;
    if (slash == std::string_view::npos)
        return network;
    const std::string_view length = text.substr(slash + 1);
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (error != std::errc() || end != length.data() + length.size() || bits > (base->isV4() ? 32U : 128U))
        return {};
    network.bits_ = base->isV4() ? bits + 96 : bits;
    return network;
}

bool Network::contains(const Address& address) const noexcept {
    const std::size_t whole = bits_ / 8;
    if (!std::equal(base_.bytes().begin(), base_.bytes().begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes().begin()))
        return false;
    const unsigned rest = bits_ % 8;
    if (rest == 0)
        return true;
    const unsigned mask = 0xffU << (8 - rest) & 0xffU;
    return (base_.bytes().at(whole) & mask) == (address.bytes().at(whole) & mask);
}

bool anyContains(const std::vector<Network>& networks, const Address& address) noexcept {
    return std::any_of(networks.begin(), networks.end(),
                       [&](const Network& network) { return network.contains(address); });
}

} // namespace stinky::web
