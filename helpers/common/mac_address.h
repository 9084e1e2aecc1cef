#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stinky {

/// An EUI-48: a BSSID or a station's address.
struct MacAddress {
    std::array<std::uint8_t, 6> octets = {};

    /// "02:00:00:aa:bb:cc", upper or lower case; nothing for anything else.
    static std::optional<MacAddress> parse(std::string_view text) noexcept;
    /// Lower case with colons, as iw(8) writes it.
    std::string toString() const;
    /// Twelve hexadecimal digits, for names.
    std::string toHex() const;

    /// Bit 0x02 of the first octet: not a vendor's address (IEEE 802-2014, 8.4.2), as phones make up while
    /// probing.
    bool locallyAdministered() const noexcept { return (octets[0] & 0x02) != 0; }

    bool multicast() const noexcept { return (octets[0] & 0x01) != 0; }

    auto operator<=>(const MacAddress&) const = default;
};

} // namespace stinky

template <>
struct std::hash<stinky::MacAddress> {
    std::size_t operator()(const stinky::MacAddress& mac) const noexcept {
        std::uint64_t value = 0;
        for (const std::uint8_t octet : mac.octets)
            value = value << 8 | octet;
        return std::hash<std::uint64_t>()(value);
    }
};
