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

    double latitude() const noexcept;
    double longitude() const noexcept;

    /// Metres, circular error: in open or built-up ground the access point is inside this radius nine times
    /// out of ten (tests/unit/tak/estimate_test.cpp drives past some).
    double error() const noexcept { return error_; }

    /// Metres from here to a position that is not far away.
    double metresFrom(double latitude, double longitude) const noexcept;

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

    /// The same in half metres: finer than any receiver is.
    struct StoredPlace {
        std::int16_t east;
        std::int16_t north;
    };

    struct Median {
        Place centre;
        float reach; ///< m² from the centre; what is farther is a bad fix
    };

    using Values = std::array<float, capacity>;

    Place place(double latitude, double longitude) const noexcept;
    Place placeAt(std::size_t at) const noexcept;
    void setPlace(std::size_t at, Place place) noexcept;
    void moveOrigin(const Sighting& sighting) noexcept;
    void put(std::size_t at, Place place, const Sighting& sighting) noexcept;
    void drop(std::size_t at) noexcept;
    float middleOf(Values& values) const noexcept;
    Median median() const noexcept;
    void compute() noexcept;

    double originLatitude_ = 0;
    double originLongitude_ = 0;
    Place best_ = {};
    float error_ = 0;
    float eastMetres_ = 1; ///< in a degree of longitude, at the origin
    std::array<StoredPlace, capacity> places_;
    std::array<std::uint8_t, capacity> accuracy_; ///< m
    std::array<std::int8_t, capacity> rssi_;
    std::uint8_t count_ = 0;
};

} // namespace stinky::tak
