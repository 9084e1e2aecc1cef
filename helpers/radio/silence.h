#pragma once

#include <chrono>
#include <cstdint>

namespace stinky::radio {

/// What to do with a card that says it is fine and hears nothing. Pure: time and frames come in.
class SilenceLadder {
public:
    using Seconds = std::chrono::duration<double>;

    enum class Repair {
        none,
        relink, ///< down and up
        retype, ///< down, managed, monitor, up: the driver sets the radio up anew
        giveUp, ///< both did not help: say so
    };

    /// A `limit` of 0 never repairs.
    explicit SilenceLadder(Seconds limit) : limit_(limit) {}

    /// From here on: whatever was heard or not before does not count.
    void begin(std::uint64_t frames, Seconds now);

    /// `frames` is what the card has received since whenever, `now` is CLOCK_MONOTONIC.
    Repair look(std::uint64_t frames, Seconds now);

    /// Nothing was heard for the limit, and no repair helped.
    bool gaveUp() const noexcept { return rung_ == 3; }

    unsigned relinks() const noexcept { return relinks_; }

    unsigned retypes() const noexcept { return retypes_; }

    std::uint64_t frames() const noexcept { return frames_; }

private:
    Seconds limit_;
    Seconds since_{0};
    std::uint64_t frames_ = 0;
    bool begun_ = false;
    int rung_ = 0;
    unsigned relinks_ = 0;
    unsigned retypes_ = 0;
};

} // namespace stinky::radio
