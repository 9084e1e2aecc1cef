#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace stinky::web {

/// Complaints that any stranger can cause, for a log: ten a minute at most, so that they push out nothing
/// that others have said. The first that is told after that says how many were not.
class Complaints {
public:
    using Tell = std::function<void(const std::string&)>;

    explicit Complaints(Tell tell) : tell_(std::move(tell)) {}

    /// `now`: seconds of CLOCK_MONOTONIC.
    void add(const std::string& what, double now);

private:
    Tell tell_;
    double minute_ = -1; ///< when it began; below zero before the first
    std::size_t told_ = 0;
    std::size_t untold_ = 0;
};

} // namespace stinky::web
