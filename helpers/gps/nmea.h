#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stinky::gps {

/// True for the talkers of satellite navigation: GP GN GL GA GB BD GQ GI. A compass, a depth sounder or an
/// AIS receiver speaks NMEA too and must not be taken for a GPS.
bool isGnssTalker(std::string_view talker) noexcept;

/// Finds sentences in a stream of any bytes. Source: NMEA 0183 4.10, 5.3 and 7.2: '$', talker (2), formatter
/// (3), fields, '*', two hexadecimal digits of the exclusive or of what stands between '$' and '*', CR LF.
///
/// The checksum is optional in the standard and demanded here: it is what tells a receiver from chatter. The
/// line end is not waited for, so a sentence counts with its last checksum digit.
class NmeaReader {
public:
    /// The standard allows 82 characters; receivers with many decimals send more.
    static constexpr std::size_t longestSentence = 128;

    /// Takes the next byte; gives the talker when it completes a sentence of a GNSS receiver.
    std::optional<std::string> push(std::uint8_t byte) noexcept;

    /// Forgets a sentence begun: the next bytes were read at another speed.
    void reset() noexcept { length_ = 0; }

private:
    std::optional<std::string> finish(std::uint8_t lastDigit) noexcept;

    std::array<char, longestSentence> text_{}; ///< from '$' on
    std::size_t length_ = 0;                   ///< 0: waiting for '$'
    std::size_t star_ = 0;                     ///< where '*' stands, 0 when it was not seen yet
    std::uint8_t sum_ = 0;
};

} // namespace stinky::gps
