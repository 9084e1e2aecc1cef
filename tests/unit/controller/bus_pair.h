#pragma once

#include "common/bus.h"
#include "common/event_loop.h"

#include <chrono>
#include <functional>

namespace stinky::test {

/// Two ends of one D-Bus connection without a bus daemon, both served by one loop. Messages have no sender
/// there.
class BusPair {
public:
    BusPair();

    /// Turns the loop until `condition` holds; false when it does not within 5 s.
    bool until(const std::function<bool()>& condition);
    /// Turns the loop until nothing is left to be done.
    void settle();

    EventLoop loop;
    bus::Bus server; ///< where the fake stands
    bus::Bus client; ///< what is tested
};

} // namespace stinky::test
