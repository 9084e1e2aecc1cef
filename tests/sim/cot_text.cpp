#include "sim/cot_text.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

namespace stinky::sim {

namespace {

std::uint8_t byteAt(std::string_view text, std::size_t at) {
    return static_cast<std::uint8_t>(text[at]);
}

bool inRange(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
    return byte >= low && byte <= high;
}

/// Bytes of the sequence at `at`, 0 if it is not well-formed: table 3-7 of the Unicode Standard.
std::size_t sequenceLength(std::string_view text, std::size_t at) {
    const std::uint8_t lead = byteAt(text, at);
    if (lead < 0x80) {
        return 1;
    }
    if (!inRange(lead, 0xc2, 0xf4)) {
        return 0;
    }
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (text.size() - at < length) {
        return 0;
    }
    const std::uint8_t low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (!inRange(byteAt(text, at + 1), low, high)) {
        return 0;
    }
    for (std::size_t next = 2; next < length; ++next) {
        if (!inRange(byteAt(text, at + next), 0x80, 0xbf)) {
            return 0;
        }
    }
    return length;
}

bool isWordCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `count` digits from the front of `text`, which they leave; -1 where they are not.
int takeDigits(std::string_view& text, std::size_t count) {
    int value = 0;
    if (text.size() < count) {
        return -1;
    }
    for (std::size_t at = 0; at < count; ++at) {
        if (text[at] < '0' || text[at] > '9') {
            return -1;
        }
        value = value * 10 + (text[at] - '0');
    }
    text.remove_prefix(count);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) {
        return false;
    }
    text.remove_prefix(1);
    return true;
}

std::optional<std::chrono::sys_days> takeDate(std::string_view& text) {
    const int year = takeDigits(text, 4);
    const bool dash = take(text, '-');
    const int month = takeDigits(text, 2);
    const bool secondDash = take(text, '-');
    const int day = takeDigits(text, 2);
    if (year < 1970 || year > 2200 || month < 0 || day < 0 || !dash || !secondDash) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    return date.ok() ? std::optional(std::chrono::sys_days(date)) : std::nullopt;
}

/// Digits beyond the ninth only have to be digits.
std::optional<std::int64_t> takeFraction(std::string_view& text) {
    if (!take(text, '.')) {
        return 0;
    }
    std::int64_t nanoseconds = 0;
    std::int64_t weight = 100'000'000;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9') {
        nanoseconds += weight * (text[digits] - '0');
        weight /= 10;
        ++digits;
    }
    text.remove_prefix(digits);
    return digits > 0 ? std::optional(nanoseconds) : std::nullopt;
}

/// True if `text` is `first` word characters (0: one or more), then any number of `-` and words.
bool isDashedWords(std::string_view text, std::size_t first) {
    std::size_t length = 0;
    bool firstWord = true;
    for (const char c : text) {
        if (c == '-') {
            if (length == 0 || (firstWord && first != 0 && length != first)) {
                return false;
            }
            firstWord = false;
            length = 0;
        } else if (isWordCharacter(c)) {
            ++length;
        } else {
            return false;
        }
    }
    return length > 0 && (!firstWord || first == 0 || length == first);
}

} // namespace

std::optional<std::size_t> invalidUtf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequenceLength(text, at);
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return std::nullopt;
}

bool hasControlCharacter(std::string_view text) {
    for (std::size_t at = 0; at < text.size(); ++at) {
        const std::uint8_t byte = byteAt(text, at);
        const bool c1 = byte == 0xc2 && at + 1 < text.size() && inRange(byteAt(text, at + 1), 0x80, 0x9f);
        if (byte < 0x20 || byte == 0x7f || c1) {
            return true;
        }
    }
    return false;
}

bool hasControlInQuotes(std::string_view startTag) {
    char quote = 0;
    for (const char c : startTag) {
        if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else if (quote != 0 && (static_cast<std::uint8_t>(c) < 0x20 || c == 0x7f)) {
            return true;
        }
    }
    return false;
}

std::optional<std::int64_t> parseUtcTime(std::string_view text) {
    const auto date = takeDate(text);
    if (!date || !take(text, 'T')) {
        return std::nullopt;
    }
    const int hour = takeDigits(text, 2);
    const bool colon = take(text, ':');
    const int minute = takeDigits(text, 2);
    const bool secondColon = take(text, ':');
    const int second = takeDigits(text, 2);
    const auto fraction = takeFraction(text);
    const bool inDay = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if (!inDay || !colon || !secondColon || !fraction || text != "Z") {
        return std::nullopt;
    }
    const std::int64_t seconds =
        std::int64_t{date->time_since_epoch().count()} * 86400 + hour * 3600 + minute * 60 + second;
    return seconds * 1'000'000'000 + *fraction;
}

std::optional<double> parseNumber(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
        return std::nullopt;
    }
    return value;
}

bool isCotType(std::string_view text) {
    const std::size_t semicolon = std::min(text.find(';'), text.size());
    if (semicolon < text.size() && text.find(';', semicolon + 1) != std::string_view::npos) {
        return false;
    }
    return isDashedWords(text.substr(0, semicolon), 0);
}

bool isCotHow(std::string_view text) {
    return isDashedWords(text, 1);
}

} // namespace stinky::sim
