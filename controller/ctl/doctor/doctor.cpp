#include "ctl/doctor/doctor.h"

#include "ctl/doctor/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace stinky::ctl {
namespace {

constexpr std::size_t resultWidth = 7;
constexpr std::size_t indent = 11;

std::ptrdiff_t count(const std::vector<Check>& checks, Result result) {
    return std::ranges::count(checks, result, &Check::result);
}

/// The text under the column of the first line's text.
std::string hanging(const std::string& first, const std::string& text, const Screen& screen) {
    std::string lines = wrapped(text, indent, screen.width);
    return first + lines.substr(std::min(lines.size(), columns(first)));
}

} // namespace

nlohmann::ordered_json toJson(const std::vector<Check>& checks) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Check& check : checks)
        list.push_back({{"check", check.name},
                        {"result", toString(check.result)},
                        {"what", check.what},
                        {"why", check.why},
                        {"fix", check.fix}});
    return {{"ok", count(checks, Result::fault) == 0},
            {"warnings", count(checks, Result::warning)},
            {"faults", count(checks, Result::fault)},
            {"checks", std::move(list)}};
}

std::string renderChecks(const std::vector<Check>& checks, const Screen& screen) {
    std::string out;
    for (const Check& check : checks) {
        const std::string result = toString(check.result);
        const std::string state = check.result == Result::skipped ? "inactive" : result;
        const std::string lines =
            hanging("  " + padded(result, resultWidth) + "  ", check.name + ": " + check.what, screen);
        out += "  " + coloured(result, state, screen.colour) + lines.substr(2 + result.size());
        if (!check.why.empty())
            out += wrapped(check.why, indent, screen.width);
        if (!check.fix.empty())
            out += wrapped("→ " + check.fix, indent, screen.width);
    }
    const auto faults = count(checks, Result::fault);
    const auto warnings = count(checks, Result::warning);
    return out + fmt::format("\n{} {}, {} {}, {} ok\n", faults, faults == 1 ? "fault" : "faults", warnings,
                             warnings == 1 ? "warning" : "warnings", count(checks, Result::ok));
}

int doctor(const Options& options) {
    const std::vector<Check> checks =
        examine(gatherFacts(options.config, options.where, !options.noConnect));
    std::cout << (options.json ? toJson(checks).dump(2, ' ', false,
                                                     nlohmann::ordered_json::error_handler_t::replace) +
                                     "\n"
                               : renderChecks(checks, screenOfStdout()));
    return count(checks, Result::fault) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

} // namespace stinky::ctl
