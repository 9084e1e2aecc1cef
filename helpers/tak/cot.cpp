#include "tak/cot.h"

#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace stinky::tak {
namespace {

// In code points. Both at their longest and all of characters that take six bytes in XML still fit
// largestEvent.
constexpr std::size_t longestCallsign = 64;
constexpr std::size_t longestAuth = 64;
// "Unknown" in CoT, for heights and errors.
constexpr const char* unknown = "9999999.0";

// ATAK's spot map type, coloured by the signal.
constexpr const char* type = "b-m-p-s-m";

/// Signed 32-bit ARGB, as ATAK reads it.
int signalColour(int rssi) noexcept {
    if (rssi == 0)
        return -1; // white
    if (rssi >= -60)
        return -16711936;               // green
    return rssi >= -75 ? -256 : -65536; // yellow, red
}

std::string callsign(const WigleRow& row) {
    const std::string name = displayText(row.ssid, longestCallsign);
    return name.empty() ? row.bssid.toString() : name;
}

std::string remarks(const WigleRow& row) {
    std::string text = row.bssid.toString();
    if (row.channel != 0)
        text += fmt::format(" ch {}", row.channel);
    if (row.rssi != 0)
        text += fmt::format(" {} dBm", row.rssi);
    const std::string auth = displayText(row.authMode, longestAuth);
    if (!auth.empty())
        text += " " + auth;
    return text + ", heard at this position";
}

} // namespace

std::string cotTime(WallTime time) {
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const std::time_t seconds = static_cast<std::time_t>(milliseconds / 1000);
    std::tm parts = {};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds % 1000);
}

double circularError(double accuracy, int rssi) noexcept {
    // -40 dBm at one metre, exponent 2.7: between free space and built-up ground.
    const double distance = rssi == 0 ? 150.0 : std::pow(10.0, (-40.0 - rssi) / (10.0 * 2.7));
    const double receiver = accuracy > 0 ? accuracy : 10.0;
    return receiver + std::clamp(distance, 1.0, 500.0);
}

std::string cotEvent(const std::string& node, const WigleRow& row, WallTime now) {
    const std::string time = cotTime(now);
    return fmt::format(
        R"(<event version="2.0" uid="stinky.{node}.wifi.{bssid}" type="{type}" how="m-g" )"
        R"(time="{time}" start="{time}" stale="{stale}">)"
        R"(<point lat="{lat:.6f}" lon="{lon:.6f}" hae="{unknown}" ce="{ce:.1f}" le="{unknown}"/>)"
        R"(<detail><contact callsign="{callsign}"/><remarks>{remarks}</remarks><color argb="{colour}"/>)"
        R"(<precisionlocation altsrc="???" geopointsrc="GPS"/>)"
        R"(<__stinky bssid="{mac}" rssi="{rssi}" channel="{channel}" frequency="{mhz}"/></detail></event>)",
        fmt::arg("node", node), fmt::arg("bssid", row.bssid.toHex()), fmt::arg("type", type),
        fmt::arg("time", time), fmt::arg("stale", cotTime(now + staleAfter)), fmt::arg("lat", row.latitude),
        fmt::arg("lon", row.longitude), fmt::arg("unknown", unknown),
        fmt::arg("ce", circularError(row.accuracy, row.rssi)),
        fmt::arg("callsign", xmlEscape(callsign(row))), fmt::arg("remarks", xmlEscape(remarks(row))),
        fmt::arg("colour", signalColour(row.rssi)), fmt::arg("mac", row.bssid.toString()),
        fmt::arg("rssi", row.rssi), fmt::arg("channel", row.channel), fmt::arg("mhz", row.frequencyMHz));
}

} // namespace stinky::tak
