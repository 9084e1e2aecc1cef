#include "tak/patterns.h"

#include "common/error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::string_view ssidPrefix = "ssid:";
constexpr int defaultColour = -65281; // magenta, as WigleToTAK has it

constexpr std::array<std::pair<std::string_view, int>, 9> colours = {{
    {"red", -65536},
    {"orange", -35072},
    {"yellow", -256},
    {"green", -16711936},
    {"cyan", -16711681},
    {"blue", -16776961},
    {"magenta", defaultColour},
    {"white", -1},
    {"black", -16777216},
}};

// Two digits or wildcards at a time, as long as a BSSID at most: an SSID with a ':' in it looks different.
bool looksLikeBssid(std::string_view text) {
    return text.find(':') != std::string_view::npos && text.size() <= 17 &&
           text.find_first_not_of("0123456789abcdefABCDEF:*?") == std::string_view::npos;
}

std::string lowerCase(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

std::optional<int> parseColour(std::string_view text) {
    for (const auto& [name, value] : colours)
        if (text == name)
            return value;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size())
        return value;
    return std::nullopt;
}

} // namespace

bool globMatches(std::string_view pattern, std::string_view text) noexcept {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t retry = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            retry = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++retry;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

PatternList::PatternList(const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
        if (entry.starts_with(ssidPrefix)) {
            patterns_.push_back({entry.substr(ssidPrefix.size()), false});
        } else if (looksLikeBssid(entry)) {
            const bool oui = entry.size() == 8 && std::count(entry.begin(), entry.end(), ':') == 2;
            patterns_.push_back({lowerCase(entry) + (oui ? ":*" : ""), true});
        } else {
            patterns_.push_back({entry, false});
        }
        if (patterns_.back().text.empty())
            throw Error("use pattern", entry, "expected an SSID, a BSSID or the first three octets of one");
    }
}

bool PatternList::matches(const MacAddress& bssid, std::string_view ssid) const {
    if (patterns_.empty())
        return false;
    const std::string address = bssid.toString();
    return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
        return globMatches(pattern.text, pattern.ofBssid ? address : ssid);
    });
}

HighlightList::HighlightList(const std::vector<std::string>& entries) {
    for (const std::string& entry : entries) {
        const auto equals = entry.rfind('=');
        std::optional<int> colour;
        if (equals != std::string::npos)
            colour = parseColour(std::string_view(entry).substr(equals + 1));
        entries_.push_back(
            {PatternList({colour ? entry.substr(0, equals) : entry}), colour.value_or(defaultColour)});
    }
}

std::optional<int> HighlightList::colour(const MacAddress& bssid, std::string_view ssid) const {
    for (const Entry& entry : entries_)
        if (entry.pattern.matches(bssid, ssid))
            return entry.colour;
    return std::nullopt;
}

} // namespace stinky::tak
