#include "scan/ap_table.h"

#include <limits>

namespace stinky::scan {

ApTable::ApTable(std::size_t capacity, double throttle) : capacity_(capacity), throttle_(throttle) {}

ApTable::AccessPoint& ApTable::touch(const Sighting& sighting, const std::string& utc) {
    const auto found = index_.find(sighting.bssid);
    if (found != index_.end()) {
        order_.splice(order_.begin(), order_, found->second);
        return order_.front();
    }
    if (index_.size() >= capacity_) {
        index_.erase(order_.back().bssid);
        order_.pop_back();
        ++dropped_;
    }
    order_.push_front({sighting.bssid, {}, utc, -std::numeric_limits<double>::infinity()});
    index_.emplace(sighting.bssid, order_.begin());
    return order_.front();
}

std::optional<WigleRow> ApTable::add(const Sighting& sighting, const std::optional<GpsFix>& position,
                                     double monotonic, const std::string& utc) {
    AccessPoint& ap = touch(sighting, utc);
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
    row.firstSeen = ap.firstSeen;
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

} // namespace stinky::scan
