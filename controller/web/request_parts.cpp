#include "web/request_parts.h"

#include "common/text.h"

#include <algorithm>
#include <charconv>

namespace stinky::web {
namespace {

constexpr std::size_t mostParameters = 32;
constexpr std::string_view blanks = " \t";

std::string_view trim(std::string_view text) {
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The text up to `separator`, which is taken off `rest` with it.
std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t end = std::min(rest.find(separator), rest.size());
    const std::string_view head = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return head;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

int hexDigit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

enum class Plus { isPlus, isBlank };

std::optional<std::string> decode(std::string_view text, Plus plus) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '+' && plus == Plus::isBlank) {
            c = ' ';
        } else if (c == '%') {
            const int high = i + 2 < text.size() ? hexDigit(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hexDigit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return {};
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return {};
        decoded += c;
    }
    return isUtf8(decoded) ? std::optional(decoded) : std::nullopt;
}

std::optional<std::string> decodePath(std::string_view text) {
    if (!text.starts_with('/'))
        return {};
    std::string path;
    std::string_view rest = text.substr(1);
    for (bool more = true; more;) {
        more = rest.find('/') != std::string_view::npos;
        const auto segment = decode(cut(rest, '/'), Plus::isPlus);
        // An empty segment is the root, or a '/' at the end, which no route has.
        if (!segment || *segment == "." || *segment == ".." || segment->find('/') != std::string::npos ||
            (segment->empty() && more))
            return {};
        path += '/';
        path += *segment;
    }
    return path;
}

bool isTokenCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~+/=").find(c) != std::string_view::npos;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return {};
    return value;
}

} // namespace

std::optional<Target> parseTarget(std::string_view text) {
    const std::size_t question = text.find('?');
    auto path = decodePath(text.substr(0, question));
    if (!path)
        return {};
    Target target{std::move(*path), {}};
    std::string_view rest =
        question == std::string_view::npos ? std::string_view() : text.substr(question + 1);
    while (!rest.empty()) {
        std::string_view pair = cut(rest, '&');
        if (pair.empty())
            continue;
        const auto name = decode(cut(pair, '='), Plus::isBlank);
        const auto value = decode(pair, Plus::isBlank);
        if (!name || !value || name->empty() || target.query.size() >= mostParameters)
            return {};
        for (const auto& known : target.query)
            if (known.first == *name)
                return {};
        target.query.emplace_back(*name, *value);
    }
    return target;
}

std::optional<std::string> cookieValue(std::string_view header, std::string_view name) {
    std::optional<std::string> found;
    while (!header.empty()) {
        std::string_view pair = trim(cut(header, ';'));
        if (cut(pair, '=') != name)
            continue;
        if (found)
            return {};
        found = std::string(trim(pair));
    }
    return found;
}

std::optional<std::string> bearerToken(std::string_view header) {
    header = trim(header);
    if (!equalsIgnoringCase(cut(header, ' '), "Bearer"))
        return {};
    const std::string_view token = trim(header);
    if (token.empty() || !std::all_of(token.begin(), token.end(), isTokenCharacter))
        return {};
    return std::string(token);
}

std::optional<std::string> hostOf(std::string_view header) {
    std::string_view host = header;
    std::string_view port;
    if (header.starts_with('[')) {
        const std::size_t end = header.find(']');
        if (end == std::string_view::npos)
            return {};
        host = header.substr(1, end - 1);
        port = header.substr(end + 1);
        if (!Address::parse(host) || host.find(':') == std::string_view::npos)
            return {};
    } else if (const std::size_t colon = header.find(':'); colon != std::string_view::npos) {
        host = header.substr(0, colon);
        port = header.substr(colon);
    }
    if (!port.empty()) {
        const auto value = number(port.substr(1));
        if (!port.starts_with(':') || !value || *value > 65535)
            return {};
    }
    if (host.ends_with('.'))
        host.remove_suffix(1);
    if (host.empty() || host.size() > 253)
        return {};
    std::string name(host);
    std::transform(name.begin(), name.end(), name.begin(), lower);
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._:") != std::string::npos)
        return {};
    return name;
}

RangeKind parseRange(std::string_view header, std::uint64_t size, ByteRange& range) {
    constexpr std::string_view unit = "bytes=";
    if (!header.starts_with(unit) || header.find(',') != std::string_view::npos)
        return RangeKind::whole;
    std::string_view last = trim(header.substr(unit.size()));
    if (last.find('-') == std::string_view::npos)
        return RangeKind::whole;
    const std::string_view first = cut(last, '-');
    const auto from = number(first);
    const auto to = number(last);
    if ((!from && !first.empty()) || (!to && !last.empty()) || (!from && !to))
        return RangeKind::whole;
    if (!from) { // the last bytes
        if (*to == 0 || size == 0)
            return RangeKind::unsatisfiable;
        range = {size - std::min(*to, size), size - 1};
        return RangeKind::part;
    }
    if (to && *to < *from)
        return RangeKind::whole;
    if (*from >= size)
        return RangeKind::unsatisfiable;
    range = {*from, to ? std::min(*to, size - 1) : size - 1};
    return RangeKind::part;
}

bool accepts(std::string_view header, std::string_view type) {
    while (!header.empty()) {
        std::string_view parameters = trim(cut(header, ','));
        if (!equalsIgnoringCase(trim(cut(parameters, ';')), type))
            continue;
        while (!parameters.empty()) {
            const std::string_view parameter = trim(cut(parameters, ';'));
            if ((parameter.starts_with("q=0") || parameter.starts_with("Q=0")) &&
                parameter.find_first_not_of("0.", 2) == std::string_view::npos)
                return false;
        }
        return true;
    }
    return false;
}

bool isCaptureName(std::string_view name) {
    return !name.empty() && name.size() <= 200 && name.front() != '.' &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
               std::string_view::npos;
}

bool equalInConstantTime(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size())
        return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
    return difference == 0;
}

} // namespace stinky::web
