#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <ratio>
#include <span>
#include <vector>

/// A serial line and the UART that listens to it: what a reader gets when its speed is not the line's.
///
/// Characters are 8N1: a start bit 0, eight data bits with the lowest first, a stop bit 1; an idle line
/// is 1. Nothing here reads a clock. Times are picoseconds since an origin of the caller's choice (106 days
/// fit).
namespace stinky::sim {

using LineTime = std::chrono::duration<std::int64_t, std::pico>;

/// The length of one bit. `baud` is 1..4000000 bit/s.
LineTime bitTime(unsigned baud);

/// The waveform on the wire, written by the sender and forgotten once it has been read.
class UartLine {
public:
    /// Puts one character on the line at `start`, or right behind what is already there if that is later.
    /// Returns when its stop bit ends.
    LineTime send(std::uint8_t byte, unsigned baud, LineTime start);

    /// When the last stop bit ends; zero for a line that was never used.
    LineTime busyUntil() const { return busyUntil_; }

    /// True for a mark (1, idle), false for a space (0).
    bool level(LineTime at) const;

    /// The first change from 1 to 0 at or after `from`, if one is on the line yet.
    std::optional<LineTime> fallingEdge(LineTime from) const;

    /// Drops the characters that ended before `before`.
    void forget(LineTime before);

private:
    struct Character {
        LineTime start;
        LineTime bit;
        std::uint8_t value;

        LineTime end() const { return start + 10 * bit; }

        /// Bit 0 is the start bit, bit 9 the stop bit.
        bool bitLevel(int index) const;
    };

    std::deque<Character> characters_;
    LineTime busyUntil_{0};
};

/// What to hand on for a character whose stop bit was 0.
enum class FramingErrors {
    Raw,  ///< the byte as sampled, as ftdi_sio passes it on
    Zero, ///< 0x00, as termios(3) has it without IGNPAR and PARMRK
};

struct TimedByte {
    LineTime at; ///< the middle of the stop bit, when a UART hands the character on
    std::uint8_t value;
    bool framingError;
};

/// The receiving UART. It starts a character at each falling edge, checks the start bit in its middle,
/// samples the eight data bits and the stop bit in their middles, and after a stop bit of 0 waits for the
/// line to rise.
class UartReader {
public:
    explicit UartReader(FramingErrors framingErrors = FramingErrors::Raw) : framingErrors_(framingErrors) {}

    /// Takes the waveform up to `until` at `baud`, going on from where the last call stopped. A character
    /// that is half read when the speed changes is finished at the new speed, as in a chip whose divisor is
    /// rewritten. `baud` 0 (termios B0) means that nobody listens.
    std::vector<TimedByte> read(const UartLine& line, unsigned baud, LineTime until);

    /// What lies before this has been read.
    LineTime position() const { return position_; }

    /// No character is half read, so an idle line can change nothing.
    bool idle() const { return !inCharacter_; }

private:
    bool step(const UartLine& line, LineTime bit, LineTime until, std::vector<TimedByte>& out);
    bool sample(const UartLine& line, LineTime bit, LineTime until, std::vector<TimedByte>& out);

    FramingErrors framingErrors_;
    bool inCharacter_ = false;
    LineTime position_{0};
    LineTime lastSample_{0}; ///< the falling edge, then the middle of the last bit that was sampled
    int samples_ = 0;        ///< bits of this character sampled so far, the start bit included
    std::uint8_t value_ = 0;
};

/// One burst sent back to back at `lineBaud`, as seen by a UART at `readerBaud`.
std::vector<TimedByte> readBurst(std::span<const std::uint8_t> burst, unsigned lineBaud, unsigned readerBaud,
                                 FramingErrors framingErrors = FramingErrors::Raw);

} // namespace stinky::sim
