#include "gps/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace stinky::gps {
namespace {

const char* shortName(Protocol protocol) {
    switch (protocol) {
    case Protocol::nmea:
        return "nmea";
    case Protocol::ubx:
        return "ubx";
    case Protocol::sirf:
        return "sirf";
    }
    return "";
}

double seconds(Moment time) {
    return std::chrono::duration<double>(time).count();
}

} // namespace

std::string toJson(const std::string& device, const Finding& finding) {
    nlohmann::ordered_json json;
    json["device"] = device;
    json["baud"] = finding.baud ? nlohmann::ordered_json(*finding.baud) : nlohmann::ordered_json();
    json["protocol"] = shortName(finding.protocol);
    json["talker"] =
        finding.talker.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(finding.talker);
    json["sentences"] = finding.packets;
    json["elapsed_ms"] = std::chrono::round<std::chrono::milliseconds>(finding.elapsed).count();
    json["method"] = toString(finding.method);
    // A device's path may hold bytes that are not UTF-8.
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string foundMessage(const std::string& device, const Finding& finding) {
    std::string message = fmt::format("found a GPS receiver on {}: {}", device, toString(finding.protocol));
    if (!finding.talker.empty())
        message += fmt::format(" ({})", finding.talker);
    if (finding.baud)
        message += fmt::format(" at {} bit/s", *finding.baud);
    return message + fmt::format(", after {:.1f} s", seconds(finding.elapsed));
}

std::string notFoundMessage(const std::string& device, const std::vector<unsigned>& rates, bool rateless,
                            std::uint64_t bytes, Moment elapsed) {
    const std::string heard =
        bytes == 0 ? "nothing was heard" : fmt::format("{} bytes came, no receiver's packets", bytes);
    const std::string where = rateless ? "" : fmt::format(" at {} bit/s", fmt::join(rates, ", "));
    return fmt::format("no GPS receiver on {}: {} in {:.1f} s{}", device, heard, seconds(elapsed), where);
}

} // namespace stinky::gps
