#include "web/legacy.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <vector>

#include "view/json_field.h"

namespace stinky::web {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t recentDevices = 20;

bool isUp(core::State state) {
    return state == core::State::running || state == core::State::degraded;
}

std::string sentence(core::State state, const std::string& reason) {
    std::string text;
    switch (state) {
    case core::State::inactive:
        text = "Not running";
        break;
    case core::State::starting:
        text = "Starting";
        break;
    case core::State::running:
        text = "All services are running";
        break;
    case core::State::degraded:
        text = "Running, with problems";
        break;
    case core::State::stopping:
        text = "Stopping";
        break;
    case core::State::failed:
        text = "Failed";
        break;
    }
    return reason.empty() ? text : text + ": " + reason;
}

template <typename Value>
json orNull(const std::optional<Value>& value) {
    return value ? json(*value) : json(nullptr);
}

} // namespace

std::string isoTime(double wall) {
    const auto seconds = static_cast<std::time_t>(wall);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(seconds));
}

PartsSeen partsSeen(const json& description) {
    PartsSeen seen;
    const auto part = [&](const std::string& name) {
        for (const json& one : view::arrayField(description, "parts"))
            if (view::textField(one, "part") == name)
                return view::textField(one, "state") == "ok" && !one.value("stale", false);
        return false;
    };
    for (const json& unit : view::arrayField(description, "units")) {
        const std::string name = view::textField(unit, "name");
        const bool active = view::textField(unit, "active_state") == "active";
        if (name == "stinky-scan.service" && active) {
            seen.scannerActive = true;
            seen.scannerWell = part("scan");
        } else if (name == "stinky-kismet.service" && active) {
            seen.scannerActive = true;
            seen.kismet = true;
            seen.scannerWell = part("kismet");
        } else if (name == "stinky-tak.service" || name == "stinky-wigletotak.service") {
            seen.takActive = seen.takActive || active;
        }
    }
    seen.gpsWell = part("gps");
    return seen;
}

json scriptStatus(core::State state, const std::string& reason, const PartsSeen& parts, double wall) {
    return {{"running", isUp(state)},
            {"message", sentence(state, reason)},
            {"kismet_running", parts.scannerActive},
            {"kismet_api_responding", parts.scannerWell},
            {"wigle_running", parts.takActive},
            {"gps_running", parts.gpsWell},
            {"timestamp", isoTime(wall)}};
}

json info(const GpsState& gps, double monotonic, const PartsSeen& parts, const std::string& client) {
    const auto fix = freshPosition(gps, monotonic);
    json where = {{"lat", nullptr},  {"lon", nullptr},   {"alt", nullptr},   {"mode", 0},
                  {"time", nullptr}, {"speed", nullptr}, {"track", nullptr}, {"status", "No Fix"}};
    if (fix) {
        where["lat"] = fix->latitude;
        where["lon"] = fix->longitude;
        where["alt"] = orNull(fix->altitudeMsl);
        where["mode"] = fix->mode;
        where["time"] = fix->time ? json(isoTime(*fix->time)) : json(nullptr);
        where["speed"] = orNull(fix->speed);
        where["track"] = orNull(fix->track);
        where["status"] = fix->mode >= 3 ? "3D Fix" : "2D Fix";
    }
    const auto word = [](bool running) {
        return running ? "Running" : "Not Running";
    };
    return {{"gps", where},
            {"kismet", word(parts.scannerActive)},
            {"wigle", word(parts.takActive)},
            {"ip", client}};
}

json kismetData(const AccessPointList& list, core::State state, const std::string& reason, double wall) {
    json recent = json::array();
    json feed = json::array({{{"type", "status"}, {"message", sentence(state, reason)}}});
    std::size_t networks = 0;
    for (const AccessPoint& point : list.all())
        networks += point.type == "WIFI" ? 1 : 0;
    for (const AccessPoint& point : list.all()) {
        if (recent.size() >= recentDevices)
            break;
        const std::string name = point.ssid.empty() ? point.bssid.toString() : point.ssid;
        recent.push_back({{"name", name},
                          {"type", point.type == "WIFI" ? "Wi-Fi AP" : point.type},
                          {"channel", std::to_string(point.channel)},
                          {"mac", point.bssid.toString()},
                          {"manufacturer", ""},
                          {"lastSeen", isoTime(point.lastSeen)},
                          {"signal", point.rssi}});
        feed.push_back({{"type", "device"},
                        {"message", fmt::format("{} on channel {}", name, point.channel) +
                                        (point.rssi < 0 ? fmt::format(", {} dBm", point.rssi) : "")}});
    }
    return {{"devices_count", list.size()},
            {"networks_count", networks},
            {"recent_devices", std::move(recent)},
            {"feed_items", std::move(feed)},
            {"last_update", isoTime(wall).substr(11, 8)}};
}

} // namespace stinky::web
