#include "gps/nmea.h"

#include <algorithm>

namespace stinky::gps {
namespace {

constexpr std::array<std::string_view, 8> gnssTalkers{"GP", "GN", "GL", "GA", "GB", "BD", "GQ", "GI"};
constexpr std::size_t addressLength = 5; // talker and formatter

int hexDigit(std::uint8_t byte) noexcept {
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    if (byte >= 'a' && byte <= 'f') // some receivers do, against the standard
        return byte - 'a' + 10;
    return -1;
}

bool isAddress(std::string_view address) noexcept {
    return address.size() == addressLength && isGnssTalker(address.substr(0, 2)) &&
           std::all_of(address.begin(), address.end(),
                       [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

} // namespace

bool isGnssTalker(std::string_view talker) noexcept {
    return std::find(gnssTalkers.begin(), gnssTalkers.end(), talker) != gnssTalkers.end();
}

std::optional<std::string> NmeaReader::push(std::uint8_t byte) noexcept {
    if (byte == '$') {
        text_[0] = '$';
        length_ = 1;
        star_ = 0;
        sum_ = 0;
        return std::nullopt;
    }
    if (length_ == 0)
        return std::nullopt;
    if (byte < 0x20 || byte > 0x7e || length_ == longestSentence) {
        length_ = 0;
        return std::nullopt;
    }
    const std::size_t at = length_++;
    text_[at] = static_cast<char>(byte);
    if (star_ == 0) {
        if (byte == '*')
            star_ = at;
        else
            sum_ ^= byte;
        return std::nullopt;
    }
    return at == star_ + 2 ? finish(byte) : std::nullopt;
}

std::optional<std::string> NmeaReader::finish(std::uint8_t lastDigit) noexcept {
    const int high = hexDigit(static_cast<std::uint8_t>(text_[star_ + 1]));
    const int low = hexDigit(lastDigit);
    const std::string_view body(text_.data() + 1, star_ - 1);
    length_ = 0;
    if (high < 0 || low < 0 || high * 16 + low != sum_)
        return std::nullopt;
    // "$GPGGA,": an address and at least one field.
    if (body.size() <= addressLength || body[addressLength] != ',' ||
        !isAddress(body.substr(0, addressLength)))
        return std::nullopt;
    return std::string(body.substr(0, 2));
}

} // namespace stinky::gps
