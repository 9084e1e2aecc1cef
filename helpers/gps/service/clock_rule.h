#pragma once

#include "common/gpsd_client.h"

#include <optional>

namespace stinky::gps {

/// Whether the system's clock can be trusted, and whether it is to be set from GPS. A receiver tells the
/// time before it knows it well (leap seconds, its own clock's battery): gpsd's advice is to wait for three
/// fixes in 3D.
class ClockRule {
public:
    static constexpr int fixesNeeded = 3;
    static constexpr double tolerance = 2; ///< s; a report of one second arrives up to a second late
    /// 2026-01-01. A receiver whose week counter has rolled over tells a time before this program was
    /// written.
    static constexpr double earliest = 1767225600;

    /// `maySet` is GPS_TIME=yes.
    explicit ClockRule(bool maySet) noexcept : maySet_(maySet) {}

    /// To be called for each report. `wall` and `monotonic` are the two clocks now, in seconds;
    /// `disciplined`: something else, such as NTP, keeps the clock. Returns the time to set it to; that
    /// happens once.
    std::optional<double> observe(const GpsFix& fix, double wall, double monotonic, bool disciplined);

    /// Kept by something else, confirmed by GPS, or set from it.
    bool trusted() const noexcept { return trusted_; }

private:
    bool maySet_;
    bool wasSet_ = false;
    bool trusted_ = false;
    int fixes_ = 0;
    double lastTime_ = 0;
    double lastMonotonic_ = 0;
};

} // namespace stinky::gps
