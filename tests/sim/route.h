#pragma once

#include "sim/gps_fix.h"

#include <istream>
#include <vector>

namespace stinky::sim {

struct RoutePoint {
    double seconds = 0; ///< since the receiver was switched on
    Position position;
};

/// A drive along straight lines at constant speed from point to point; it waits at the first and stays at
/// the last.
class Route {
public:
    /// Lines of `seconds latitude longitude [altitude]`, in rising order of time; `#` starts a comment. A
    /// point without an altitude takes that of the one before, the first one `defaultAltitude`. Throws
    /// std::runtime_error with the number of a line that is not so, or if there is no point at all.
    static Route parse(std::istream& text, double defaultAltitude);

    Position positionAt(double seconds) const;

    Motion motionAt(double seconds) const;

private:
    explicit Route(std::vector<RoutePoint> points) : points_(std::move(points)) {}

    /// The index of the point at which the leg of this moment ends: 0 before the route, size() behind it.
    std::size_t legEnd(double seconds) const;

    std::vector<RoutePoint> points_;
};

/// Along a great circle on a sphere of the Earth's mean radius, in metres.
double distance(const Position& from, const Position& to);

/// The course to start with on that great circle, 0..360 degrees.
double bearing(const Position& from, const Position& to);

} // namespace stinky::sim
