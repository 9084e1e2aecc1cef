#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::web {

/// An IP address; IPv4 is held as IPv6 has it (::ffff:a.b.c.d), so that one socket for both shows the same.
class Address {
public:
    /// "192.168.1.2", "fe80::1"; nothing for anything else, names and scopes included.
    static std::optional<Address> parse(std::string_view text);
    /// Of a connected peer; nothing for other families.
    static std::optional<Address> of(const sockaddr* peer) noexcept;

    std::string text() const;

    const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }

    bool isV4() const noexcept;

    auto operator<=>(const Address&) const = default;

private:
    std::array<std::uint8_t, 16> bytes_ = {};
};

/// A range of addresses: "10.42.0.0/24", "fd00::/8", or one address.
class Network {
public:
    static std::optional<Network> parse(std::string_view text);

    bool contains(const Address& address) const noexcept;

private:
    Address base_;
    unsigned bits_ = 128; ///< of the IPv6 form
};

/// True when one of the networks contains the address.
bool anyContains(const std::vector<Network>& networks, const Address& address) noexcept;

} // namespace stinky::web
