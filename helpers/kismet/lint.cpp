#include "kismet/lint.h"

#include "common/text.h"
#include "kismet/known_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace stinky::kismet {
namespace {

constexpr std::size_t longestKey = 64;
constexpr std::size_t mostProblems = 50;

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// Levenshtein's distance: letters to add, drop or change.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t k = 0; k < to.size(); ++k) {
            const std::size_t change = diagonal + (from[i] == to[k] ? 0 : 1);
            diagonal = row[k + 1];
            row[k + 1] = std::min({change, row[k] + 1, row[k + 1] + 1});
        }
    }
    return row.back();
}

bool isKnown(std::span<const std::string_view> known, std::string_view word) {
    return std::ranges::binary_search(known, word);
}

std::string unknown(std::string_view word, bool sourceOption) {
    const std::string shown = displayText(word, longestKey);
    const std::string_view near = nearest(word.substr(0, longestKey), sourceOption);
    return fmt::format("{}: Kismet has no such {}{}", shown, sourceOption ? "option of a source" : "setting",
                       near.empty() ? "" : fmt::format("; the nearest that it has is {}", near));
}

/// interface:option=value,option="a,b"
void lintSource(std::string_view value, int line, std::vector<LintProblem>& problems) {
    const auto colon = value.find(':');
    std::string_view rest = colon == std::string_view::npos ? std::string_view() : value.substr(colon + 1);
    while (!rest.empty()) {
        const auto equals = rest.find('=');
        const std::string_view option = trim(rest.substr(0, equals));
        if (!isKnown(knownSourceOptions(), option))
            problems.push_back({line, unknown(option, true)});
        if (equals == std::string_view::npos)
            return;
        rest.remove_prefix(equals + 1);
        if (rest.starts_with('"'))
            rest.remove_prefix(std::min(rest.find('"', 1), rest.size()));
        const auto comma = rest.find(',');
        rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
}

} // namespace

std::string_view nearest(std::string_view word, bool sourceOption) {
    std::string_view best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 2) + 1;
    for (const std::string_view known : sourceOption ? knownSourceOptions() : knownKeys()) {
        const std::size_t apart = distance(word, known);
        if (apart < least) {
            least = apart;
            best = known;
        }
    }
    return best;
}

Setting parseSetting(std::string_view line) {
    line = trim(line);
    Setting setting;
    if (line.empty() || line.front() == '#')
        return setting;
    const auto equals = line.find('=');
    std::string_view key = line.substr(0, equals);
    if (key.ends_with('+')) {
        setting.append = true;
        key.remove_suffix(1);
    }
    setting.key = trim(key);
    std::ranges::transform(setting.key, setting.key.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (equals != std::string_view::npos)
        setting.value = trim(line.substr(equals + 1));
    return setting;
}

std::optional<std::vector<std::string>> logTypes(std::string_view text) {
    std::vector<std::string> types;
    bool replaces = false;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const Setting setting = parseSetting(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (setting.key != "log_types")
            continue;
        replaces = replaces || !setting.append;
        for (std::string_view rest = setting.value; !rest.empty();) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string type(trim(rest.substr(0, comma)));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            if (!type.empty() && std::ranges::find(types, type) == types.end())
                types.push_back(type);
        }
    }
    return replaces ? std::optional(types) : std::nullopt;
}

std::vector<LintProblem> lint(std::string_view text) {
    std::vector<LintProblem> problems;
    int number = 0;
    while (!text.empty() && problems.size() < mostProblems) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        const Setting setting = parseSetting(line);
        if (setting.key.empty() && trim(line).starts_with('='))
            problems.push_back({number, "no setting before the '='"});
        if (setting.key.empty())
            continue;
        if (!isKnown(knownKeys(), setting.key))
            problems.push_back({number, unknown(setting.key, false)});
        else if (setting.value.empty())
            problems.push_back({number, setting.key + ": no value, Kismet would pass over it"});
        else if (setting.key == "source")
            lintSource(setting.value, number, problems);
    }
    return problems;
}

} // namespace stinky::kismet
