#include "sim/route.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>
#include <stdexcept>
#include <string>

namespace stinky::sim {

namespace {

constexpr double earthRadius = 6'371'008.8; // metres, mean radius of the IUGG

double radians(double degrees) {
    return degrees * std::numbers::pi / 180.0;
}

[[noreturn]] void fail(int line, const char* reason) {
    throw std::runtime_error("route, line " + std::to_string(line) + ": " + reason);
}

RoutePoint parsePoint(const std::string& line, int number, double altitude) {
    std::istringstream fields(line);
    fields.imbue(std::locale::classic());
    RoutePoint point;
    if (!(fields >> point.seconds >> point.position.latitude >> point.position.longitude)) {
        fail(number, "expected seconds, latitude, longitude");
    }
    if (!(fields >> std::ws).eof() && !(fields >> altitude)) {
        fail(number, "the altitude is not a number");
    }
    if (!(fields >> std::ws).eof()) {
        fail(number, "more than four fields");
    }
    point.position.altitude = altitude;
    if (!(std::fabs(point.position.latitude) <= 90) || !(std::fabs(point.position.longitude) <= 180)) {
        fail(number, "no such place on Earth");
    }
    return point;
}

/// The shorter way round, over the date line if need be.
double longitudeStep(double from, double to) {
    return std::remainder(to - from, 360.0);
}

} // namespace

Route Route::parse(std::istream& text, double defaultAltitude) {
    std::vector<RoutePoint> points;
    std::string line;
    double altitude = defaultAltitude;
    for (int number = 1; std::getline(text, line); ++number) {
        line.erase(std::min(line.find('#'), line.size()));
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const RoutePoint point = parsePoint(line, number, altitude);
        if (!points.empty() && point.seconds <= points.back().seconds) {
            fail(number, "its time is not after the line before");
        }
        altitude = point.position.altitude;
        points.push_back(point);
    }
    if (points.empty()) {
        throw std::runtime_error("route: no point in it");
    }
    return Route(std::move(points));
}

std::size_t Route::legEnd(double seconds) const {
    const auto end = std::upper_bound(points_.begin(), points_.end(), seconds,
                                      [](double t, const RoutePoint& point) { return t < point.seconds; });
    return static_cast<std::size_t>(end - points_.begin());
}

Position Route::positionAt(double seconds) const {
    const std::size_t end = legEnd(seconds);
    if (end == 0) {
        return points_.front().position;
    }
    const RoutePoint& from = points_[end - 1];
    if (end == points_.size()) {
        return from.position;
    }
    const RoutePoint& to = points_[end];
    const double part = (seconds - from.seconds) / (to.seconds - from.seconds);
    const double longitude =
        from.position.longitude + part * longitudeStep(from.position.longitude, to.position.longitude);
    return {std::lerp(from.position.latitude, to.position.latitude, part), std::remainder(longitude, 360.0),
            std::lerp(from.position.altitude, to.position.altitude, part)};
}

Motion Route::motionAt(double seconds) const {
    const std::size_t end = legEnd(seconds);
    if (end == 0 || end == points_.size()) {
        return {};
    }
    const RoutePoint& from = points_[end - 1];
    const RoutePoint& to = points_[end];
    return {distance(from.position, to.position) / (to.seconds - from.seconds),
            bearing(positionAt(seconds), to.position)};
}

double distance(const Position& from, const Position& to) {
    const double north = std::sin(radians(to.latitude - from.latitude) / 2);
    const double east = std::sin(radians(to.longitude - from.longitude) / 2);
    const double a =
        north * north + std::cos(radians(from.latitude)) * std::cos(radians(to.latitude)) * east * east;
    return 2 * earthRadius * std::asin(std::sqrt(std::min(1.0, a)));
}

double bearing(const Position& from, const Position& to) {
    const double east = radians(to.longitude - from.longitude);
    const double y = std::sin(east) * std::cos(radians(to.latitude));
    const double x = std::cos(radians(from.latitude)) * std::sin(radians(to.latitude)) -
                     std::sin(radians(from.latitude)) * std::cos(radians(to.latitude)) * std::cos(east);
    const double degrees = std::atan2(y, x) * 180.0 / std::numbers::pi;
    return degrees < 0 ? degrees + 360.0 : degrees;
}

} // namespace stinky::sim
