#include "tak/health.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <algorithm>
#include <filesystem>

namespace stinky::tak {
namespace {

constexpr std::size_t mostParts = 32;
// A part writes every 10 s: docs/architecture.md, "Health".
constexpr double silentAfter = 30;

} // namespace

std::vector<PartAge> readReports(const std::string& directory, const std::string& except, double now) {
    std::vector<PartAge> parts;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
        if (entry.path().extension() != ".json" || entry.path().stem() == except ||
            parts.size() == mostParts)
            continue;
        try {
            const auto json = nlohmann::json::parse(readFile(entry.path()));
            parts.push_back({partReportFromJson(json), now - json.at("monotonic_s").get<double>()});
        } catch (const Error&) {
            continue; // gone, or written by something else: the controller tells
        } catch (const nlohmann::json::exception&) {
            continue;
        }
    }
    return parts;
}

Health summarise(std::vector<PartAge> parts) {
    for (PartAge& part : parts) {
        if (part.age > silentAfter) {
            part.report.state = PartState::fault;
            part.report.reason = "silent";
        }
    }
    std::sort(parts.begin(), parts.end(), [](const PartAge& a, const PartAge& b) {
        return std::pair(b.report.state, a.report.part) < std::pair(a.report.state, b.report.part);
    });
    Health health{parts.empty() ? "ok" : toString(parts.front().report.state), ""};
    for (const PartAge& part : parts) {
        health.text += health.text.empty() ? "" : ", ";
        health.text += part.report.part + " " + toString(part.report.state);
        if (part.report.state != PartState::ok)
            health.text += " (" + part.report.reason + ")";
    }
    return health;
}

} // namespace stinky::tak
