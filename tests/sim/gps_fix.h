#pragma once

#include <chrono>

namespace stinky::sim {

using UtcTime = std::chrono::sys_time<std::chrono::milliseconds>;

struct Position {
    double latitude = 0;  ///< degrees, north positive, -90..90
    double longitude = 0; ///< degrees, east positive, -180..180
    double altitude = 0;  ///< metres above mean sea level
};

struct Motion {
    double speed = 0;  ///< metres per second over ground
    double course = 0; ///< degrees from true north, 0..360
};

/// What the simulated receiver knows at one moment.
struct GpsFix {
    UtcTime time;
    Position position;
    Motion motion;
    double geoidSeparation = 0; ///< metres from the ellipsoid up to mean sea level
    int satellitesInView = 0;   ///< 0..32
    bool valid = false;         ///< false: time is known, the position is not

    /// Up to twelve satellites are used, as most receivers have channels for.
    int satellitesUsed() const;

    /// 1 no fix, 2 two-dimensional, 3 three-dimensional: the numbers of GSA and of gpsd.
    int mode() const;
};

} // namespace stinky::sim
