#pragma once

#include <cstdint>
#include <string>

namespace stinky::gps {

/// What a receiver may speak.
enum class Protocol : std::uint8_t { nmea, ubx, sirf };

/// For people and for --json: "NMEA 0183", "UBX", "SiRF binary".
constexpr const char* toString(Protocol protocol) noexcept {
    switch (protocol) {
    case Protocol::nmea:
        return "NMEA 0183";
    case Protocol::ubx:
        return "UBX";
    case Protocol::sirf:
        return "SiRF binary";
    }
    return "";
}

/// A packet whose checksum was right.
struct Packet {
    Protocol protocol;
    std::string talker; ///< NMEA's two letters ("GP", "GN"); empty for the binary protocols
};

} // namespace stinky::gps
