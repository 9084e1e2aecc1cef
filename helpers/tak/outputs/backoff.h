#pragma once

#include <chrono>
#include <random>

namespace stinky::tak {

struct BackoffRules {
    std::chrono::milliseconds first{1000};
    std::chrono::milliseconds most{60000};
    double jitter =
        0.2; ///< each wait is this much shorter or longer: a hundred sensors must not call at once
};

/// How long to wait before the next try: doubling from try to try.
class Backoff {
public:
    explicit Backoff(BackoffRules rules)
        : rules_(rules), next_(rules.first), random_(std::random_device{}()) {}

    std::chrono::microseconds next() {
        std::uniform_real_distribution<double> around(1 - rules_.jitter, 1 + rules_.jitter);
        const auto wait = std::chrono::duration_cast<std::chrono::microseconds>(next_ * around(random_));
        next_ = std::min(next_ * 2, rules_.most);
        return wait;
    }

    void reset() { next_ = rules_.first; }

private:
    BackoffRules rules_;
    std::chrono::milliseconds next_;
    std::minstd_rand random_;
};

} // namespace stinky::tak
