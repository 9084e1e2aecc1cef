#include "ctl/gps_view.h"

#include "common/event_loop.h"
#include "common/part_status.h"
#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>

namespace stinky::ctl {
namespace {

constexpr int exitNoPosition = 3;
constexpr int exitNoGpsd = 4;
// dB-Hz: what is stronger than 50 is not seen from the ground.
constexpr double strongest = 50;
constexpr double good = 35;
constexpr double fair = 25;
constexpr std::size_t barWidth = 20;
constexpr std::size_t longestName = 128; ///< of a device: GPSD= may be another machine's

const char* systemName(int gnss) {
    static constexpr std::array<const char*, 8> names = {"GPS",  "SBAS", "Galileo", "BeiDou",
                                                         "IMES", "QZSS", "GLONASS", "NavIC"};
    return gnss >= 0 && static_cast<std::size_t>(gnss) < names.size()
               ? names.at(static_cast<std::size_t>(gnss))
               : "?";
}

std::string number(const std::optional<double>& value) {
    return value ? fmt::format("{:.0f}", *value) : "-";
}

std::string bar(double signal, bool colour) {
    const double part = std::clamp(signal / strongest, 0.0, 1.0);
    const auto filled = static_cast<std::size_t>(part * barWidth + 0.5);
    std::string text;
    for (std::size_t i = 0; i < filled; ++i)
        text += "█";
    const char* shade = signal >= good ? "\033[32m" : signal >= fair ? "\033[33m" : "\033[31m";
    return colour && filled > 0 ? shade + text + "\033[0m" : text;
}

std::string receiverLines(const GpsState& state) {
    std::string lines;
    for (const std::string& device : state.devices) {
        lines += "  Receiver   " + displayText(device, longestName);
        if (const auto known = state.receivers.find(device); known != state.receivers.end()) {
            if (!known->second.driver.empty())
                lines += ", " + displayText(known->second.driver, longestName);
            if (known->second.baud > 0)
                lines += fmt::format(", {} bit/s", known->second.baud);
        }
        lines += "\n";
    }
    return lines;
}

std::string positionLines(const GpsFix& fix) {
    std::string lines = fmt::format("  Position   {:.6f} {:.6f}", fix.latitude, fix.longitude);
    if (fix.eph)
        lines += fmt::format(" ±{:.0f} m", *fix.eph);
    lines += "\n";
    if (fix.altitudeMsl)
        lines += fmt::format("  Altitude   {:.1f} m above sea level\n", *fix.altitudeMsl);
    if (fix.speed)
        lines += fmt::format("  Speed      {:.1f} m/s{}\n", *fix.speed,
                             fix.track ? fmt::format(", {:.0f}° from north", *fix.track) : "");
    return lines;
}

std::string satelliteTable(const GpsState& state, bool colour) {
    if (state.satellites.empty())
        return {};
    std::vector<GpsSatellite> satellites = state.satellites;
    std::ranges::stable_sort(satellites, [](const GpsSatellite& a, const GpsSatellite& b) {
        return a.signal.value_or(-1) > b.signal.value_or(-1);
    });
    std::string table = fmt::format("\n  {:<8}{:>4} {:>5} {:>5} {:>4}  {:<4}  {}\n", "SYSTEM", "PRN", "ELEV",
                                    "AZIM", "USED", "dB", "SIGNAL");
    for (const GpsSatellite& satellite : satellites) {
        std::string line = fmt::format(
            "  {:<8}{:>4} {:>5} {:>5} {:>4}  {:<4}  {}", systemName(satellite.gnss), satellite.prn,
            number(satellite.elevation), number(satellite.azimuth), satellite.used ? "yes" : "no",
            number(satellite.signal), satellite.signal ? bar(*satellite.signal, colour) : "");
        line.erase(line.find_last_not_of(' ') + 1);
        table += line + "\n";
    }
    return table;
}

} // namespace

std::string renderGps(const GpsState& state, double monotonic, bool colour) {
    const auto fix = freshPosition(state, monotonic);
    std::string text = fix ? fmt::format("● {}D fix", fix->mode) : "● " + positionProblem(state, monotonic);
    if (state.answered && !state.devices.empty())
        text += fmt::format(", {} of {} satellites used", state.satellitesUsed, state.satellitesSeen);
    text += "\n" + receiverLines(state);
    if (fix)
        text += positionLines(*fix);
    return text + satelliteTable(state, colour);
}

nlohmann::ordered_json gpsStateJson(const GpsState& state, double monotonic) {
    nlohmann::ordered_json json = {
        {"answered", state.answered},         {"problem", positionProblem(state, monotonic)},
        {"devices", state.devices},           {"mode", state.fix.mode},
        {"satellites", state.satellitesUsed}, {"satellites_seen", state.satellitesSeen}};
    if (const auto fix = freshPosition(state, monotonic)) {
        json["latitude"] = fix->latitude;
        json["longitude"] = fix->longitude;
        for (const auto& [key, value] : {std::pair("altitude", fix->altitudeMsl), std::pair("eph", fix->eph),
                                         std::pair("speed", fix->speed), std::pair("track", fix->track)})
            json[key] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
    }
    json["sky"] = nlohmann::ordered_json::array();
    for (const GpsSatellite& satellite : state.satellites) {
        nlohmann::ordered_json one = {
            {"prn", satellite.prn}, {"gnss", satellite.gnss}, {"used", satellite.used}};
        for (const auto& [key, value] :
             {std::pair("elevation", satellite.elevation), std::pair("azimuth", satellite.azimuth),
              std::pair("signal", satellite.signal)})
            one[key] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
        json["sky"].push_back(std::move(one));
    }
    return json;
}

int showGps(const std::string& endpoint, bool watch, double patience, const Screen& screen, bool json) {
    EventLoop loop;
    loop.exitOnSignals();
    const GpsdClient* client = nullptr;
    Timer look;
    GpsdClient gpsd(loop, endpoint, [&] {
        // One look is complete when both the position and the sky were told.
        const GpsState& state = client->state();
        if (!watch && !state.satellites.empty() && freshPosition(state, monotonicSeconds()))
            loop.exit(EXIT_SUCCESS);
    });
    client = &gpsd;
    look = loop.addTimer(std::chrono::milliseconds(50), "screen", [&] {
        if (!watch) {
            loop.exit(EXIT_SUCCESS);
            return;
        }
        const double now = monotonicSeconds();
        std::cout << (json ? gpsStateJson(gpsd.state(), now).dump() + "\n"
                           : clearing(screen) + renderGps(gpsd.state(), now, screen.colour))
                  << std::flush;
        look.arm(std::chrono::seconds(1));
    });
    look.arm(std::chrono::microseconds(watch ? 0 : static_cast<std::int64_t>(patience * 1e6)));
    loop.run();
    const GpsState& state = gpsd.state();
    const double now = monotonicSeconds();
    if (json && !watch)
        std::cout << gpsStateJson(state, now).dump(2) << "\n";
    else if (!watch)
        std::cout << renderGps(state, now, screen.colour);
    if (!state.answered)
        return exitNoGpsd;
    return freshPosition(state, now) ? EXIT_SUCCESS : exitNoPosition;
}

} // namespace stinky::ctl
