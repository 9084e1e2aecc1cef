#pragma once

#include <array>
#include <cstdint>

namespace stinky::gps {

/// How likely each byte value is, as a natural logarithm.
using ByteOdds = std::array<float, 256>;

/// What a UART set to one speed reads from a receiver that sends at another.
struct LineModel {
    ByteOdds text;   ///< the receiver speaks NMEA
    ByteOdds binary; ///< it speaks UBX or SiRF
};

/// Plays a typical burst of a receiver over a line at `lineBaud` and samples it at `readerBaud` as a UART
/// does (a character begins at a falling edge, each bit is read in its middle, after a stop bit of 0 the
/// line must rise first), from the burst's beginning and from points inside it, and counts what comes out.
/// Both in bit/s, above 0.
///
/// No byte is impossible: a little of every value is mixed in, for glitches and for receivers unlike the
/// typical one.
LineModel modelLine(unsigned lineBaud, unsigned readerBaud);

} // namespace stinky::gps
