#pragma once

#include "common/mac_address.h"
#include "common/wigle_csv.h"
#include "web/http.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace stinky::web {

/// What was heard of one access point (or Bluetooth device), ready to be shown.
struct AccessPoint {
    MacAddress bssid;
    std::string ssid; ///< for people: UTF-8 without control characters; empty when hidden
    std::string security;
    std::string type;
    std::string firstSeen; ///< UTC, as the capture has it
    int channel = 0;
    std::uint32_t frequencyMHz = 0;
    int rssi = 0;     ///< dBm, the last that a row knew; 0 when none did
    int bestRssi = 0; ///< dBm, at the position below; 0 when no row knew it
    double latitude = 0;
    double longitude = 0;
    double accuracy = 0; ///< m, of the position
    double lastSeen = 0; ///< seconds since 1970
    std::uint64_t sightings = 0;
};

/// The access points of the captures, at most `capacity`: the one not heard for longest is let go.
class AccessPointList {
public:
    explicit AccessPointList(std::size_t capacity) : capacity_(capacity) {}

    /// `wall`: seconds since 1970. True when it is a new one.
    bool take(const WigleRow& row, double wall);

    std::size_t size() const noexcept { return index_.size(); }

    std::uint64_t taken() const noexcept { return taken_; } ///< rows

    std::uint64_t added() const noexcept { return added_; } ///< access points, also those let go

    /// The one heard last first.
    const std::list<AccessPoint>& all() const noexcept { return order_; }

    /// Those that changed since the last call, at most `most`; the rest waits.
    std::vector<const AccessPoint*> takeChanged(std::size_t most);

    bool hasChanged() const noexcept { return !changed_.empty(); }

private:
    using Order = std::list<AccessPoint>;

    std::size_t capacity_;
    std::uint64_t taken_ = 0;
    std::uint64_t added_ = 0;
    Order order_;
    std::unordered_map<MacAddress, Order::iterator> index_;
    std::unordered_set<MacAddress> changed_;
};

/// What a client asks of the list.
struct AccessPointQuery {
    enum class Sort { lastSeen, ssid, bssid, channel, rssi, bestRssi, firstSeen, security, sightings };
    Sort sort = Sort::lastSeen;
    bool descending = true;
    std::size_t limit = 100;
    std::size_t offset = 0;
    std::string text; ///< in the SSID or the BSSID, in any case
    std::optional<int> channel;
    std::optional<int> minRssi;
    std::optional<double> seenWithin; ///< seconds
    std::string security;             ///< "open", "wep", "wpa", "wpa2", "wpa3"
    std::string type;                 ///< "wifi", "bt", ...
};

/// Reads limit, offset, sort, order, q, channel, min_rssi, seen_within, security, type. Nothing, and `why`
/// for people, for a name that is none of these or a value that cannot be.
std::optional<AccessPointQuery> parseAccessPointQuery(const Parameters& query, std::string& why);

/// A page of what matches, and how many do.
struct AccessPointPage {
    std::vector<const AccessPoint*> items;
    std::size_t matched = 0;
};

AccessPointPage select(const AccessPointList& list, const AccessPointQuery& query, double wall);

/// "open", "wep", "wpa", "wpa2", "wpa3" of WiGLE's "[WPA2-PSK-CCMP][ESS]"; "?" for what says nothing.
std::string securityOf(std::string_view authMode);

nlohmann::ordered_json toJson(const AccessPoint& point);
/// A Feature of RFC 7946.
nlohmann::ordered_json toGeoJson(const AccessPoint& point);

} // namespace stinky::web
