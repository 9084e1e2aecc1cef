#include "scan/ap_table.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace stinky::scan {

std::string utcText(std::time_t time) {
    std::tm parts = {};
    gmtime_r(&time, &parts);
    char text[64];
    const std::size_t length = std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    return {text, length};
}

ApTable::ApTable(std::size_t capacity, double throttle) : capacity_(capacity), throttle_(throttle) {}

ApTable::AccessPoint& ApTable::touch(const Sighting& sighting, double monotonic, std::time_t wall) {
    const auto found = index_.find(sighting.bssid);
    if (found != index_.end()) {
        order_.splice(order_.begin(), order_, found->second);
        order_.front().lastSeen = monotonic;
        return order_.front();
    }
    if (index_.size() >= capacity_) {
        index_.erase(order_.back().bssid);
        order_.pop_back();
        ++dropped_;
    }
    order_.push_front({sighting.bssid, {}, wall, monotonic, -std::numeric_limits<double>::infinity()});
    index_.emplace(sighting.bssid, order_.begin());
    return order_.front();
}

std::optional<WigleRow> ApTable::add(const Sighting& sighting, const std::optional<GpsFix>& position,
                                     double monotonic, std::time_t wall) {
    AccessPoint& ap = touch(sighting, monotonic, wall);
    // A hidden network names itself in its probe responses only: the name stays with its beacons.
    if (!sighting.ssid.empty())
        ap.ssid = sighting.ssid;
    if (!position || monotonic - ap.lastRow < throttle_)
        return std::nullopt;
    ap.lastRow = monotonic;

    WigleRow row;
    row.bssid = ap.bssid;
    row.ssid = ap.ssid;
    row.authMode = sighting.authMode;
    row.firstSeen = utcText(ap.firstSeen);
    row.channel = sighting.channel;
    row.frequencyMHz = sighting.frequencyMHz;
    row.rssi = sighting.rssi;
    row.latitude = position->latitude;
    row.longitude = position->longitude;
    row.altitude = position->altitudeMsl.value_or(0);
    row.accuracy = position->eph.value_or(0);
    row.type = "WIFI";
    return row;
}

std::size_t ApTable::heardSince(double since) const noexcept {
    const auto older = std::find_if(order_.begin(), order_.end(),
                                    [since](const AccessPoint& ap) { return ap.lastSeen < since; });
    return static_cast<std::size_t>(std::distance(order_.begin(), older));
}

} // namespace stinky::scan
