#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

namespace stinky::radio {

/// How often a card that was taken away may be taken back: at most `most` times in any span of `span`. Two
/// programs that both insist would otherwise switch the card for ever, and neither would hear anything.
/// Pure: the time (CLOCK_MONOTONIC) comes in.
class RetakeLimit {
public:
    using Seconds = std::chrono::duration<double>;

    explicit RetakeLimit(std::size_t most = 5, Seconds span = std::chrono::seconds(60))
        : most_(most), span_(span) {}

    /// True, and counted, when the card may be taken back at `now`.
    bool allow(Seconds now);

    /// Retakes within the span that ended with the last allow().
    std::size_t recent() const noexcept { return taken_.size(); }

    std::size_t most() const noexcept { return most_; }

    Seconds span() const noexcept { return span_; }

private:
    std::size_t most_;
    Seconds span_;
    std::deque<Seconds> taken_;
};

} // namespace stinky::radio
