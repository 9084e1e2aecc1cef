#include "ctl/check_config.h"

#include "common/atomic_file.h"
#include "common/config.h"
#include "common/error.h"
#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <numeric>

namespace stinky::ctl {
namespace {

constexpr std::size_t mostText = 64 * 1024;
constexpr std::size_t longestLine = 200;

/// Levenshtein's distance: letters to change, add or drop.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({changed, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.back();
}

std::string upper(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return out;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r");
    return first == std::string_view::npos ? std::string_view()
                                           : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string_view> linesOf(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

/// The word of an "one of a, b, c" that is nearest to `value`.
std::string nearestWord(const std::string& expected, std::string_view value) {
    std::string best;
    std::size_t least = 3;
    std::string word;
    const auto take = [&] {
        if (const std::size_t d = distance(word, value); !word.empty() && d < least) {
            least = d;
            best = word;
        }
        word.clear();
    };
    for (const char c : expected)
        if (c == ' ' || c == ',' || c == ';')
            take();
        else
            word += c;
    take();
    return best;
}

std::string suggestionFor(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos)
        return "KEY=VALUE, or # before a comment";
    const std::string key(trimmed(line.substr(0, equals)));
    const std::string value(trimmed(line.substr(equals + 1)));
    const auto& keys = configKeys();
    const auto known = std::ranges::find(keys, key, &ConfigKey::name);
    if (known == keys.end()) {
        const std::string near = nearestKey(key);
        return near.empty() ? "" : near + "=" + value;
    }
    const std::string near = key + "=" + nearestWord(known->expected, value);
    // The words of a sentence are no values.
    return Config::parse(near).problems().empty() && !near.ends_with('=') ? near
                                                                          : key + "=" + known->fallback;
}

} // namespace

std::string nearestKey(std::string_view name) {
    const std::string wanted = upper(name);
    std::string best;
    // Three letters off in a word of six is another word.
    std::size_t least = std::min<std::size_t>(4, wanted.size() / 2 + 1);
    for (const ConfigKey& key : configKeys())
        if (const std::size_t d = distance(wanted, key.name); d < least) {
            least = d;
            best = key.name;
        }
    return best;
}

std::vector<ConfigFinding> checkConfig(std::string_view text) {
    const std::vector<std::string_view> lines = linesOf(text);
    std::vector<ConfigFinding> findings;
    const Config config = Config::parse(text);
    for (const ConfigProblem& problem : config.problems()) {
        ConfigFinding finding;
        finding.line = problem.line;
        finding.message = displayText(problem.message, longestLine);
        if (problem.line > 0 && static_cast<std::size_t>(problem.line) <= lines.size()) {
            const std::string_view line = trimmed(lines[static_cast<std::size_t>(problem.line) - 1]);
            finding.text = displayText(line, longestLine);
            finding.suggestion = displayText(suggestionFor(line), longestLine);
        }
        findings.push_back(std::move(finding));
    }
    return findings;
}

int showConfigFindings(const std::string& path, bool json) {
    std::string text;
    try {
        text = readFile(path, mostText);
    } catch (const Error& e) {
        if (e.code() != ENOENT)
            throw;
        if (!json)
            std::cout << path << " is not there: all settings have their defaults\n";
    }
    const std::vector<ConfigFinding> findings = checkConfig(text);
    if (json) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const ConfigFinding& finding : findings)
            list.push_back({{"line", finding.line},
                            {"text", finding.text},
                            {"message", finding.message},
                            {"suggestion", finding.suggestion}});
        std::cout << nlohmann::ordered_json({{"file", path}, {"problems", list}}).dump(2) << "\n";
        return findings.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    for (const ConfigFinding& finding : findings) {
        std::cout << path << ":" << finding.line << ": " << finding.message << "\n    " << finding.text
                  << "\n";
        if (!finding.suggestion.empty())
            std::cout << "    did you mean: " << finding.suggestion << "\n";
    }
    if (findings.empty() && !text.empty())
        std::cout << path << " is in order\n";
    return findings.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace stinky::ctl
