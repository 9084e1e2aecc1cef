#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace stinky::tak {

/// Where the sensor was when it heard an access point, and how loud that was.
struct Sighting {
    double latitude = 0;  ///< degrees, -90..90
    double longitude = 0; ///< degrees, -180..180
    int rssi = 0;         ///< dBm; 0 when unknown
    double accuracy = 0;  ///< m, radius of the receiver's error; 0 when unknown
};

/// Metres from the sensor to the access point, by a log-distance path loss model. `rssi` in dBm, 0 unknown.
double modelDistance(int rssi) noexcept;

/// Where an access point most probably is, from its strongest sightings at different places: their mean,
/// weighted by the distance that each one's strength stands for. A fix that lies far from the others counts
/// for nothing. Pure, of fixed size.
class Estimate {
public:
    /// True when the estimate may have moved.
    bool add(const Sighting& sighting) noexcept;

    double latitude() const noexcept { return latitude_; }

    double longitude() const noexcept { return longitude_; }

    /// Metres, circular error: in open or built-up ground the access point is inside this radius nine times
    /// out of ten (tests/unit/tak/estimate_test.cpp drives past some).
    double error() const noexcept { return error_; }

    /// Places that it stands on.
    std::size_t places() const noexcept { return count_; }

private:
    // Enough to see a bad fix among them; a track must stay small.
    static constexpr std::size_t capacity = 8;

    /// Metres east and north of the origin.
    struct Place {
        float east;
        float north;
    };

    struct Median {
        Place centre;
        float reach; ///< m from the centre; what is farther is a bad fix
    };

    Place place(double latitude, double longitude) const noexcept;
    void moveOrigin(const Sighting& sighting) noexcept;
    void put(std::size_t at, Place place, const Sighting& sighting) noexcept;
    void drop(std::size_t at) noexcept;
    Median median() const noexcept;
    void compute() noexcept;

    double originLatitude_ = 0;
    double originLongitude_ = 0;
    double latitude_ = 0;
    double longitude_ = 0;
    float error_ = 0;
    float eastMetres_ = 0; ///< in a degree of longitude, at the origin
    std::array<Place, capacity> places_;
    std::array<std::uint8_t, capacity> accuracy_; ///< m
    std::array<std::int8_t, capacity> rssi_;
    std::uint8_t count_ = 0;
};

/// Metres between two positions that are not far apart.
double metresBetween(double latitude1, double longitude1, double latitude2, double longitude2) noexcept;

} // namespace stinky::tak
