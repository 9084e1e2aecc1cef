#include "common/mac_address.h"

namespace stinky {
namespace {

constexpr char digits[] = "0123456789abcdef";

constexpr std::array<std::int8_t, 256> hexValues = [] {
    std::array<std::int8_t, 256> values = {};
    values.fill(-1);
    for (int i = 0; i < 10; ++i)
        values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
    for (int i = 0; i < 6; ++i)
        values[static_cast<std::size_t>('a' + i)] = values[static_cast<std::size_t>('A' + i)] =
            static_cast<std::int8_t>(10 + i);
    return values;
}();

int hexValue(char c) noexcept {
    return hexValues[static_cast<unsigned char>(c)];
}

} // namespace

std::optional<MacAddress> MacAddress::parse(std::string_view text) noexcept {
    if (text.size() != 17 || text[2] != ':' || text[5] != ':' || text[8] != ':' || text[11] != ':' ||
        text[14] != ':')
        return std::nullopt;
    MacAddress mac;
    int all = 0; // negative when a digit was none
    for (std::size_t i = 0; i < mac.octets.size(); ++i) {
        const int octet = hexValue(text[3 * i]) * 16 | hexValue(text[3 * i + 1]);
        all |= octet;
        mac.octets[i] = static_cast<std::uint8_t>(octet);
    }
    if (all < 0)
        return std::nullopt;
    return mac;
}

std::string MacAddress::toString() const {
    std::string text;
    text.reserve(17);
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i > 0)
            text += ':';
        text += digits[octets[i] >> 4];
        text += digits[octets[i] & 15];
    }
    return text;
}

std::string MacAddress::toHex() const {
    std::string text;
    text.reserve(12);
    for (const std::uint8_t octet : octets) {
        text += digits[octet >> 4];
        text += digits[octet & 15];
    }
    return text;
}

} // namespace stinky
