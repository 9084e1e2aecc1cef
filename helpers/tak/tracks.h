#pragma once

#include "common/mac_address.h"
#include "common/wigle_csv.h"

#include <cstddef>
#include <list>
#include <unordered_map>

namespace stinky::tak {

/// Decides which rows become events: an access point when it is new, and again when half its stale time has
/// passed and it is still heard. Pure: time comes as an argument.
class Tracks {
public:
    /// `capacity`: the most access points held, the one not heard for longest is let go. `refresh` in
    /// seconds.
    Tracks(std::size_t capacity, double refresh);

    /// True when this row is to be sent at `monotonic` seconds.
    bool due(const WigleRow& row, double monotonic);

    std::size_t size() const noexcept { return index_.size(); }

private:
    struct Track {
        MacAddress bssid;
        double lastSent;
    };

    using Order = std::list<Track>; // the one heard last stands first

    std::size_t capacity_;
    double refresh_;
    Order order_;
    std::unordered_map<MacAddress, Order::iterator> index_;
};

} // namespace stinky::tak
