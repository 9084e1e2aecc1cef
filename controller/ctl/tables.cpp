#include "ctl/tables.h"

#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace stinky::ctl {
namespace {

using nlohmann::json;

constexpr double weakest = -95; ///< dBm
constexpr double strongest = -35;
constexpr double barSteps = 10;
constexpr std::size_t roomForPositions = 90; ///< columns
constexpr std::size_t longestName = 32;

std::string text(const json& object, const char* key) {
    const auto field = object.find(key);
    if (field == object.end())
        return {};
    if (field->is_string())
        return displayText(field->get<std::string>(), 200);
    if (field->is_number_integer())
        return std::to_string(field->get<long>());
    return field->is_number() ? fmt::format("{:.1f}", field->get<double>()) : "";
}

std::string firstOf(const json& object, std::initializer_list<const char*> keys) {
    for (const char* key : keys)
        if (std::string found = text(object, key); !found.empty())
            return found;
    return "-";
}

std::string bar(double rssi) {
    const double part = std::clamp((rssi - weakest) / (strongest - weakest), 0.0, 1.0);
    std::string blocks;
    for (int i = 0; i < static_cast<int>(std::lround(part * barSteps)); ++i)
        blocks += "█";
    return blocks;
}

/// What people call it: "WPA3", "WPA2", "WEP", "open".
std::string security(const std::string& mode) {
    for (const char* word : {"SAE", "WPA3", "WPA2", "RSN", "WPA", "WEP"})
        if (mode.find(word) != std::string::npos)
            return std::string(word) == "SAE" ? "WPA3" : std::string(word) == "RSN" ? "WPA2" : word;
    return mode.find("OWE") != std::string::npos ? "OWE" : "open";
}

double numberOf(const json& object, const char* key) {
    const auto field = object.find(key);
    return field != object.end() && field->is_number() ? field->get<double>() : 0;
}

} // namespace

std::string renderRadios(const json& radios, const Screen& screen) {
    if (!radios.is_array() || radios.empty())
        return "no radio: SCANNER=none, or RADIO= names no card\n";
    std::vector<std::vector<Cell>> rows;
    for (const json& radio : radios) {
        if (!radio.is_object())
            continue;
        const bool held = radio.value("held", false);
        const std::string state = firstOf(radio, {"state"});
        rows.push_back({{firstOf(radio, {"interface", "part"})},
                        {held ? "held" : "not held", held ? "ok" : "inactive"},
                        {state, state},
                        {firstOf(radio, {"channel"})},
                        {firstOf(radio, {"frames", "packets"})},
                        {firstOf(radio, {"reason"})}});
    }
    return textTable({"CARD", "HELD", "STATE", "CHANNEL", "FRAMES", "REASON"}, rows, screen);
}

std::string renderAccessPoints(const json& answer, const Screen& screen) {
    const auto list = answer.find("access_points");
    if (list == answer.end() || !list->is_array() || list->empty())
        return "no access points in the capture yet\n";
    const bool positions = screen.width == 0 || screen.width >= roomForPositions;
    std::vector<std::string> head = {"BSSID", "CH", "SECURITY", "DBM", "SIGNAL"};
    if (positions)
        head.emplace_back("POSITION");
    head.emplace_back("NAME");
    std::vector<std::vector<Cell>> rows;
    for (const json& point : *list) {
        if (!point.is_object())
            continue;
        const double rssi = numberOf(point, "rssi");
        const char* colour = rssi > -60 ? "ok" : rssi > -80 ? "waiting" : "fault";
        std::vector<Cell> row = {{text(point, "bssid")},
                                 {text(point, "channel")},
                                 {security(text(point, "security"))},
                                 {fmt::format("{:.0f}", rssi)},
                                 {bar(rssi), colour}};
        if (positions)
            row.push_back(
                {fmt::format("{:.5f} {:.5f}", numberOf(point, "latitude"), numberOf(point, "longitude"))});
        const std::string name = displayText(text(point, "ssid"), longestName);
        row.push_back({name.empty() ? "(hidden)" : name, name.empty() ? "inactive" : ""});
        rows.push_back(std::move(row));
    }
    const auto total = static_cast<std::size_t>(numberOf(answer, "total"));
    const bool behind = answer.contains("behind") && answer["behind"] == true;
    return textTable(head, rows, screen) +
           (total > rows.size() ? fmt::format("  and {} more: --limit {}\n", total - rows.size(), total)
                                : "") +
           (behind ? "  This is the beginning of the capture: the rest is still being read, ask again.\n"
                   : "");
}

std::string renderGpsSection(const json& gps) {
    std::string out = "● " + firstOf(gps, {"reason", "state"}) + "\n";
    if (gps.contains("latitude"))
        out += fmt::format("  Position   {:.6f} {:.6f}\n", numberOf(gps, "latitude"),
                           numberOf(gps, "longitude"));
    if (gps.contains("altitude") && gps["altitude"].is_number())
        out += fmt::format("  Altitude   {:.1f} m above sea level\n", numberOf(gps, "altitude"));
    out += fmt::format("  Satellites {:.0f} of {:.0f} used\n", numberOf(gps, "satellites"),
                       numberOf(gps, "satellites_seen"));
    return out;
}

std::string askForAccessPoints(const std::function<std::string(std::uint32_t)>& ask, std::uint32_t limit,
                               const std::function<bool()>& patient) {
    std::string answer = ask(limit);
    const auto behind = [&] {
        const json parsed = json::parse(answer, nullptr, false);
        return parsed.is_object() && parsed.contains("behind") && parsed["behind"] == true;
    };
    if (!behind())
        return answer;
    // Without a list until it is whole.
    while (behind() && patient())
        answer = ask(0);
    return ask(limit);
}

} // namespace stinky::ctl
