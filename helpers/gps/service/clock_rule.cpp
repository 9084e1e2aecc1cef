#include "gps/service/clock_rule.h"

#include <cmath>

namespace stinky::gps {

std::optional<double> ClockRule::observe(const GpsFix& fix, double wall, double monotonic,
                                         bool disciplined) {
    trusted_ = trusted_ || disciplined;
    if (fix.mode < 3 || !fix.time || *fix.time < earliest) {
        fixes_ = 0;
        return std::nullopt;
    }
    // Several reports may tell of one moment.
    if (fixes_ > 0 && *fix.time == lastTime_)
        return std::nullopt;
    const double passed = fix.monotonic - lastMonotonic_;
    const bool steady = fixes_ > 0 && std::abs(*fix.time - lastTime_ - passed) < tolerance;
    fixes_ = steady ? fixes_ + 1 : 1;
    lastTime_ = *fix.time;
    lastMonotonic_ = fix.monotonic;
    if (fixes_ < fixesNeeded)
        return std::nullopt;
    const double now = *fix.time + (monotonic - fix.monotonic);
    if (std::abs(now - wall) <= tolerance || disciplined) {
        trusted_ = true;
        return std::nullopt;
    }
    trusted_ = false;
    if (!maySet_ || wasSet_)
        return std::nullopt;
    wasSet_ = true;
    return now;
}

} // namespace stinky::gps
