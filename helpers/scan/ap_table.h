#pragma once

#include "common/gpsd_client.h"
#include "common/wigle_csv.h"
#include "scan/beacon.h"

#include <cstdint>
#include <ctime>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

namespace stinky::scan {

/// "YYYY-MM-DD hh:mm:ss" in UTC, as WiGLE wants it.
std::string utcText(std::time_t time);

/// The access points heard so far, and which sightings are worth a row. Pure: time and position come as
/// arguments.
class ApTable {
public:
    /// `capacity`: the most access points held, the one not heard for longest is let go. `throttle`: seconds
    /// between two rows of one access point.
    ApTable(std::size_t capacity, double throttle);

    /// Takes a sighting at `monotonic` seconds; `wall` is the wall clock. A row, when one is
    /// due and there is a position.
    std::optional<WigleRow> add(const Sighting& sighting, const std::optional<GpsFix>& position,
                                double monotonic, std::time_t wall);

    std::size_t size() const noexcept { return index_.size(); }

    /// How many were heard at `since`, in monotonic seconds, or after it.
    std::size_t heardSince(double since) const noexcept;

    std::uint64_t dropped() const noexcept { return dropped_; }

private:
    struct AccessPoint {
        MacAddress bssid;
        std::string ssid;
        std::time_t firstSeen;
        double lastSeen; ///< monotonic seconds, as the next
        double lastRow;
    };

    using Order = std::list<AccessPoint>; // the one heard last stands first

    AccessPoint& touch(const Sighting& sighting, double monotonic, std::time_t wall);

    std::size_t capacity_;
    double throttle_;
    Order order_;
    std::unordered_map<MacAddress, Order::iterator> index_;
    std::uint64_t dropped_ = 0;
};

} // namespace stinky::scan
