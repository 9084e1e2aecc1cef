#include "sim/uart_line.h"

#include <algorithm>

namespace stinky::sim {

namespace {

constexpr int stopBit = 9;

} // namespace

LineTime bitTime(unsigned baud) {
    constexpr std::int64_t second = std::pico::den;
    return LineTime((second + baud / 2) / baud);
}

bool UartLine::Character::bitLevel(int index) const {
    if (index == 0) {
        return false;
    }
    return index >= stopBit || ((value >> (index - 1)) & 1) != 0;
}

LineTime UartLine::send(std::uint8_t byte, unsigned baud, LineTime start) {
    const Character character{std::max(start, busyUntil_), bitTime(baud), byte};
    characters_.push_back(character);
    busyUntil_ = character.end();
    return busyUntil_;
}

bool UartLine::level(LineTime at) const {
    // The first character that ends after `at` is the only one that can cover it.
    const auto found = std::upper_bound(characters_.begin(), characters_.end(), at,
                                        [](LineTime t, const Character& c) { return t < c.end(); });
    if (found == characters_.end() || at < found->start) {
        return true;
    }
    return found->bitLevel(static_cast<int>((at - found->start) / found->bit));
}

std::optional<LineTime> UartLine::fallingEdge(LineTime from) const {
    auto character = std::lower_bound(characters_.begin(), characters_.end(), from,
                                      [](const Character& c, LineTime t) { return c.end() <= t; });
    for (; character != characters_.end(); ++character) {
        bool before = true; // a start bit follows a stop bit or an idle line
        for (int index = 0; index < stopBit; ++index) {
            const bool now = character->bitLevel(index);
            const LineTime edge = character->start + index * character->bit;
            if (before && !now && edge >= from) {
                return edge;
            }
            before = now;
        }
    }
    return std::nullopt;
}

void UartLine::forget(LineTime before) {
    while (!characters_.empty() && characters_.front().end() < before) {
        characters_.pop_front();
    }
}

std::vector<TimedByte> UartReader::read(const UartLine& line, unsigned baud, LineTime until) {
    std::vector<TimedByte> out;
    if (baud == 0) {
        inCharacter_ = false;
        position_ = std::max(position_, until);
        return out;
    }
    const LineTime bit = bitTime(baud);
    while (step(line, bit, until, out)) {
    }
    position_ = std::max(position_, until);
    return out;
}

bool UartReader::step(const UartLine& line, LineTime bit, LineTime until, std::vector<TimedByte>& out) {
    if (inCharacter_) {
        return sample(line, bit, until, out);
    }
    const std::optional<LineTime> edge = line.fallingEdge(position_);
    if (!edge || *edge >= until) {
        return false;
    }
    inCharacter_ = true;
    position_ = *edge;
    lastSample_ = *edge;
    samples_ = 0;
    value_ = 0;
    return true;
}

bool UartReader::sample(const UartLine& line, LineTime bit, LineTime until, std::vector<TimedByte>& out) {
    // After a change of speed the next sample may lie before what was already read: it is then taken here.
    const LineTime at = std::max(samples_ == 0 ? lastSample_ + bit / 2 : lastSample_ + bit, position_);
    if (at >= until) {
        return false;
    }
    const bool level = line.level(at);
    position_ = at;
    lastSample_ = at;
    if (samples_ == 0 && level) { // a glitch shorter than half a bit
        inCharacter_ = false;
        return true;
    }
    if (samples_ == stopBit) {
        const bool framingError = !level;
        const bool zero = framingError && framingErrors_ == FramingErrors::Zero;
        out.push_back({at, zero ? std::uint8_t{0} : value_, framingError});
        inCharacter_ = false;
        return true;
    }
    if (samples_ > 0 && level) {
        value_ = static_cast<std::uint8_t>(value_ | (1U << (samples_ - 1)));
    }
    ++samples_;
    return true;
}

std::vector<TimedByte> readBurst(std::span<const std::uint8_t> burst, unsigned lineBaud, unsigned readerBaud,
                                 FramingErrors framingErrors) {
    UartLine line;
    for (const std::uint8_t byte : burst) {
        line.send(byte, lineBaud, LineTime(0));
    }
    UartReader reader(framingErrors);
    return reader.read(line, readerBaud, line.busyUntil() + 10 * bitTime(readerBaud));
}

} // namespace stinky::sim
