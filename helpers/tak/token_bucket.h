#pragma once

#include <algorithm>

namespace stinky::tak {

/// At most `rate` events a second, and as many at once after a pause. Pure: time comes as an argument, in
/// seconds. A rate of 0 holds nothing back.
class TokenBucket {
public:
    explicit TokenBucket(double rate) : rate_(rate), tokens_(rate) {}

    bool limited() const noexcept { return rate_ > 0; }

    /// How many may go now.
    std::size_t available(double now) noexcept {
        if (!limited())
            return static_cast<std::size_t>(-1);
        tokens_ = std::min(rate_, tokens_ + std::max(0.0, now - last_) * rate_);
        last_ = now;
        return static_cast<std::size_t>(tokens_);
    }

    void take(std::size_t count) noexcept {
        if (limited())
            tokens_ -= static_cast<double>(count);
    }

    /// Seconds until one may go.
    double wait() const noexcept { return limited() ? std::max(0.0, (1 - tokens_) / rate_) : 0; }

private:
    double rate_;
    double tokens_;
    double last_ = 0;
};

} // namespace stinky::tak
