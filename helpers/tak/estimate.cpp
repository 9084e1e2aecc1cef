#include "tak/estimate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stinky::tak {
namespace {

constexpr double metresInDegree = 111195.0; // of latitude, on a sphere of the Earth's mean radius
constexpr double unknownAccuracy = 10.0;    // m, of a common receiver under open sky
// Sightings closer than this are one place: a parked sensor must not outvote a moving one.
constexpr float samePlace = 5.0F;
// A fix is bad when it lies this many times as far from the middle as half of the others do, but receivers
// wander by some tens of metres without being wrong.
constexpr float reachFactor = 4.0F;
constexpr float leastReach = 60.0F;
// Beyond this the flat picture around the origin is no longer exact.
constexpr float farFromOrigin = 20000.0F;
constexpr int unknownRssi = -85;
// By simulation with 6 dB of shadowing and access points that are 6 dB louder or fainter than the model's.
constexpr double errorFactor = 1.3;

double wrapped(double degrees) noexcept {
    if (degrees > 180)
        return degrees - 360;
    return degrees < -180 ? degrees + 360 : degrees;
}

struct DistanceTable {
    std::array<float, 129> metres; // for 0..-128 dBm

    DistanceTable() noexcept {
        // -30 dBm at one metre (20 dBm sent, a wall or a car body between), exponent 2.7: between free space
        // and built-up ground.
        for (std::size_t i = 0; i < metres.size(); ++i)
            metres[i] = static_cast<float>(
                std::clamp(std::pow(10.0, (static_cast<double>(i) - 30.0) / (10.0 * 2.7)), 1.0, 500.0));
    }
};

double eastMetresInDegree(double latitude) noexcept {
    // At the poles a degree of longitude has no length; nothing is divided by this little.
    return std::max(metresInDegree * std::cos(latitude * std::numbers::pi / 180), 1.0);
}

} // namespace

double modelDistance(int rssi) noexcept {
    static const DistanceTable table;
    if (rssi >= 0)
        rssi = unknownRssi;
    return table.metres[static_cast<std::size_t>(std::min(-rssi, 128))];
}

double metresBetween(double latitude1, double longitude1, double latitude2, double longitude2) noexcept {
    const double north = (latitude2 - latitude1) * metresInDegree;
    const double east = wrapped(longitude2 - longitude1) * eastMetresInDegree((latitude1 + latitude2) / 2);
    return std::hypot(north, east);
}

Estimate::Place Estimate::place(double latitude, double longitude) const noexcept {
    return {static_cast<float>(wrapped(longitude - originLongitude_) * eastMetres_),
            static_cast<float>((latitude - originLatitude_) * metresInDegree)};
}

void Estimate::moveOrigin(const Sighting& sighting) noexcept {
    const double latitude = originLatitude_;
    const double longitude = originLongitude_;
    const double eastMetres = eastMetres_;
    originLatitude_ = sighting.latitude;
    originLongitude_ = sighting.longitude;
    eastMetres_ = static_cast<float>(eastMetresInDegree(sighting.latitude));
    for (std::size_t i = 0; i < count_; ++i)
        places_[i] = place(latitude + places_[i].north / metresInDegree,
                           wrapped(longitude + places_[i].east / eastMetres));
}

void Estimate::put(std::size_t at, Place where, const Sighting& sighting) noexcept {
    places_[at] = where;
    rssi_[at] = static_cast<std::int8_t>(sighting.rssi >= 0 ? unknownRssi : std::max(sighting.rssi, -128));
    const double accuracy = sighting.accuracy > 0 ? sighting.accuracy : unknownAccuracy;
    accuracy_[at] = static_cast<std::uint8_t>(std::clamp(std::ceil(accuracy), 1.0, 255.0));
}

void Estimate::drop(std::size_t at) noexcept {
    std::copy(places_.begin() + at + 1, places_.begin() + count_, places_.begin() + at);
    std::copy(rssi_.begin() + at + 1, rssi_.begin() + count_, rssi_.begin() + at);
    std::copy(accuracy_.begin() + at + 1, accuracy_.begin() + count_, accuracy_.begin() + at);
    --count_;
}

bool Estimate::add(const Sighting& sighting) noexcept {
    if (count_ == 0)
        moveOrigin(sighting);
    Place here = place(sighting.latitude, sighting.longitude);
    if (std::abs(here.east) > farFromOrigin || std::abs(here.north) > farFromOrigin) {
        moveOrigin(sighting);
        here = {0, 0};
    }
    const int rssi = sighting.rssi >= 0 ? unknownRssi : sighting.rssi;
    std::size_t weakest = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        const float east = places_[i].east - here.east;
        const float north = places_[i].north - here.north;
        if (east * east + north * north < samePlace * samePlace) {
            if (rssi <= rssi_[i])
                return false;
            put(i, here, sighting);
            compute();
            return true;
        }
        if (rssi_[i] < rssi_[weakest])
            weakest = i;
    }
    if (count_ == capacity) {
        if (rssi < rssi_[weakest])
            return false;
        // Of the weakest the oldest goes: an access point that drives along is then followed.
        drop(weakest);
    }
    put(count_++, here, sighting);
    compute();
    return true;
}

/// Medians count every place once: one bad fix does not move them far, however loud it was.
Estimate::Median Estimate::median() const noexcept {
    std::array<float, capacity> values = {};
    const auto middle = [&] {
        const auto at = values.begin() + count_ / 2;
        std::nth_element(values.begin(), at, values.begin() + count_);
        return *at;
    };
    Median median = {};
    for (std::size_t i = 0; i < count_; ++i)
        values[i] = places_[i].east;
    median.centre.east = middle();
    for (std::size_t i = 0; i < count_; ++i)
        values[i] = places_[i].north;
    median.centre.north = middle();
    for (std::size_t i = 0; i < count_; ++i)
        values[i] = std::hypot(places_[i].east - median.centre.east, places_[i].north - median.centre.north);
    median.reach = std::max(leastReach, reachFactor * middle());
    return median;
}

void Estimate::compute() noexcept {
    // Of two that contradict each other nobody knows which one is wrong.
    const bool judged = count_ > 2;
    const Median middle = judged ? median() : Median{};
    double weights = 0;
    double east = 0;
    double north = 0;
    double squares = 0;
    double distances = 0;
    double accuracies = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        const Place& at = places_[i];
        if (judged &&
            std::hypot(at.east - middle.centre.east, at.north - middle.centre.north) > middle.reach)
            continue;
        const double distance = modelDistance(rssi_[i]);
        const double accuracy = accuracy_[i];
        const double weight = 1 / (distance * distance + accuracy * accuracy);
        weights += weight;
        east += weight * at.east;
        north += weight * at.north;
        squares += weight * (double(at.east) * at.east + double(at.north) * at.north);
        distances += weight * distance;
        accuracies += weight * accuracy;
    }
    east /= weights;
    north /= weights;
    const double spread = std::sqrt(std::max(0.0, squares / weights - east * east - north * north));
    error_ = static_cast<float>(errorFactor *
                                std::hypot(accuracies / weights, std::max(distances / weights, spread)));
    latitude_ = std::clamp(originLatitude_ + north / metresInDegree, -90.0, 90.0);
    longitude_ = wrapped(originLongitude_ + east / eastMetres_);
}

} // namespace stinky::tak
