#pragma once

#include "sim/gps_fix.h"
#include "sim/route.h"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace stinky::sim {

enum class Output {
    Nmea,
    Ubx,
    Noise,   ///< random bytes in which no packet begins: an unplugged cable, another device
    Chatter, ///< printable lines that are not NMEA: an Arduino that logs
    Silent,
};

struct ReceiverOptions {
    Output output = Output::Nmea;
    std::string talker = "GP"; ///< one that findTalker() knows
    Position position;
    std::optional<Route> route; ///< overrides `position`
    double geoidSeparation = 0; ///< metres
    int satellites = 8; ///< in view, 0..32; fewer than three give no fix, three a fix without altitude
    bool fix = true;
    double fixAfter = 0; ///< seconds from switching on to the first fix
    std::uint32_t seed = 1;
};

/// What a receiver says; when and over which wire is not its business.
class GpsReceiver {
public:
    explicit GpsReceiver(ReceiverOptions options);

    /// The bytes of one burst. `sinceStart` is seconds since the receiver was switched on.
    std::vector<std::uint8_t> burst(UtcTime now, double sinceStart);

    GpsFix fixAt(UtcTime now, double sinceStart) const;

private:
    std::vector<std::uint8_t> noise();
    std::vector<std::uint8_t> chatter(double sinceStart);

    ReceiverOptions options_;
    std::mt19937 random_;
};

} // namespace stinky::sim
