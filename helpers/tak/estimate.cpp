#include "tak/estimate.h"

#include <algorithm>
#include <cmath>
#include <limits>
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
// Beyond this the flat picture around the origin is no longer exact, and a stored place has no more.
constexpr float farFromOrigin = 16000.0F;
constexpr float storedUnit = 0.5F;
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

const DistanceTable distances;

float squareOf(float east, float north) noexcept {
    return east * east + north * north;
}

double eastMetresInDegree(double latitude) noexcept {
    // At the poles a degree of longitude has no length; nothing is divided by this little.
    return std::max(metresInDegree * std::cos(latitude * std::numbers::pi / 180), 1.0);
}

} // namespace

double modelDistance(int rssi) noexcept {
    if (rssi >= 0)
        rssi = unknownRssi;
    return distances.metres[static_cast<std::size_t>(std::min(-rssi, 128))];
}

double Estimate::metresFrom(double latitude, double longitude) const noexcept {
    const Place there = place(latitude, longitude);
    return std::sqrt(squareOf(there.east - best_.east, there.north - best_.north));
}

double Estimate::latitude() const noexcept {
    return std::clamp(originLatitude_ + best_.north / metresInDegree, -90.0, 90.0);
}

double Estimate::longitude() const noexcept {
    return wrapped(originLongitude_ + double(best_.east) / eastMetres_);
}

Estimate::Place Estimate::place(double latitude, double longitude) const noexcept {
    return {static_cast<float>(wrapped(longitude - originLongitude_) * eastMetres_),
            static_cast<float>((latitude - originLatitude_) * metresInDegree)};
}

Estimate::Place Estimate::placeAt(std::size_t at) const noexcept {
    return {places_[at].east * storedUnit, places_[at].north * storedUnit};
}

void Estimate::setPlace(std::size_t at, Place where) noexcept {
    const auto stored = [](float metres) {
        return static_cast<std::int16_t>(
            std::lrint(std::clamp(metres, -farFromOrigin, farFromOrigin) / storedUnit));
    };
    places_[at] = {stored(where.east), stored(where.north)};
}

void Estimate::moveOrigin(const Sighting& sighting) noexcept {
    const double bestLatitude = this->latitude();
    const double bestLongitude = this->longitude();
    const double latitude = originLatitude_;
    const double longitude = originLongitude_;
    const double eastMetres = eastMetres_;
    originLatitude_ = sighting.latitude;
    originLongitude_ = sighting.longitude;
    eastMetres_ = static_cast<float>(eastMetresInDegree(sighting.latitude));
    for (std::size_t i = 0; i < count_; ++i) {
        const Place at = placeAt(i);
        setPlace(i, place(latitude + at.north / metresInDegree, wrapped(longitude + at.east / eastMetres)));
    }
    best_ = place(bestLatitude, bestLongitude);
}

void Estimate::put(std::size_t at, Place where, const Sighting& sighting) noexcept {
    setPlace(at, where);
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
        const Place there = placeAt(i);
        if (squareOf(there.east - here.east, there.north - here.north) < samePlace * samePlace) {
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

/// The middle one of the places' values. Batcher's network puts eight in order without a branch that depends
/// on them; those that are not there are the largest.
float Estimate::middleOf(Values& values) const noexcept {
    static_assert(capacity == 8);
    static constexpr std::array<std::uint8_t, 38> network = {0, 1, 2, 3, 4, 5, 6, 7, 0, 2, 1, 3, 4,
                                                             6, 5, 7, 1, 2, 5, 6, 0, 4, 1, 5, 2, 6,
                                                             3, 7, 2, 4, 3, 5, 1, 2, 3, 4, 5, 6};
    std::fill(values.begin() + count_, values.end(), std::numeric_limits<float>::infinity());
    for (std::size_t i = 0; i < network.size(); i += 2) {
        float& a = values[network[i]];
        float& b = values[network[i + 1]];
        const float low = std::min(a, b);
        b = std::max(a, b);
        a = low;
    }
    return values[count_ / 2];
}

/// Medians count every place once: one bad fix does not move them far, however loud it was.
Estimate::Median Estimate::median() const noexcept {
    Values values;
    Median median = {};
    for (std::size_t i = 0; i < count_; ++i)
        values[i] = placeAt(i).east;
    median.centre.east = middleOf(values);
    for (std::size_t i = 0; i < count_; ++i)
        values[i] = placeAt(i).north;
    median.centre.north = middleOf(values);
    for (std::size_t i = 0; i < count_; ++i) {
        const Place at = placeAt(i);
        values[i] = squareOf(at.east - median.centre.east, at.north - median.centre.north);
    }
    median.reach = std::max(leastReach * leastReach, reachFactor * reachFactor * middleOf(values));
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
        const Place at = placeAt(i);
        if (judged && squareOf(at.east - middle.centre.east, at.north - middle.centre.north) > middle.reach)
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
    const double accuracy = accuracies / weights;
    const double reach = std::max(distances / weights, spread);
    error_ = static_cast<float>(errorFactor * std::sqrt(accuracy * accuracy + reach * reach));
    best_ = {static_cast<float>(east), static_cast<float>(north)};
}

} // namespace stinky::tak
