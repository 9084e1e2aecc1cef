#include "common/text.h"

#include <array>
#include <cstdint>

namespace stinky {
namespace {

struct CodePoint {
    std::uint32_t value;
    std::size_t length; ///< bytes; 0 when ill-formed
};

CodePoint decode(std::string_view bytes) noexcept {
    const auto at = [&](std::size_t i) {
        return static_cast<std::uint8_t>(bytes[i]);
    };
    const std::uint8_t first = at(0);
    if (first < 0x80)
        return {first, 1};
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || bytes.size() < length)
        return {0, 0};
    std::uint32_t value = first & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((at(i) & 0xc0) != 0x80)
            return {0, 0};
        value = value << 6 | (at(i) & 0x3fU);
    }
    constexpr std::array<std::uint32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
    if (value < smallest.at(length) || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return {0, 0};
    return {value, length};
}

struct Range {
    std::uint32_t first;
    std::uint32_t last;
};

// Controls, and the general category Cf (Unicode 15) with the separators Zl and Zp: none of them has a
// glyph, and several rewrite what stands beside them.
constexpr Range unprintable[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x0600, 0x0605},   {0x061c, 0x061c},
    {0x06dd, 0x06dd},   {0x070f, 0x070f},   {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x180e, 0x180e},
    {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfdd0, 0xfdef},   {0xfeff, 0xfeff},
    {0xfff0, 0xfffb},   {0xfffe, 0xffff},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

bool printable(std::uint32_t value) noexcept {
    for (const Range& range : unprintable)
        if (value >= range.first && value <= range.last)
            return false;
    return (value & 0xfffe) != 0xfffe;
}

std::string hexText(std::string_view bytes, std::size_t limit) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text = "0x";
    for (const char c : bytes) {
        if (text.size() + 2 > limit)
            break;
        text += digits[static_cast<std::uint8_t>(c) >> 4];
        text += digits[static_cast<std::uint8_t>(c) & 15];
    }
    return text;
}

} // namespace

bool isUtf8(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const CodePoint point = decode(bytes);
        if (point.length == 0)
            return false;
        bytes.remove_prefix(point.length);
    }
    return true;
}

std::string displayText(std::string_view bytes, std::size_t limit) {
    if (!isUtf8(bytes))
        return hexText(bytes, limit);
    std::string text;
    std::size_t count = 0;
    while (!bytes.empty() && count < limit) {
        const CodePoint point = decode(bytes);
        if (printable(point.value) && !(text.empty() && point.value == ' ')) {
            text.append(bytes.substr(0, point.length));
            ++count;
        }
        bytes.remove_prefix(point.length);
    }
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
    return text;
}

std::string xmlEscape(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size() + 16);
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&apos;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

std::string escapeInstance(std::string_view name) {
    constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.";
    constexpr std::string_view digits = "0123456789abcdef";
    std::string escaped;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const char c = name[i];
        const auto byte = static_cast<unsigned char>(c);
        if (c == '/')
            escaped += '-';
        else if (plain.find(c) != std::string_view::npos && (c != '.' || i > 0))
            escaped += c;
        else
            escaped += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
    return escaped;
}

} // namespace stinky
