#pragma once

#include "common/event_loop.h"

#include <chrono>
#include <functional>

namespace stinky::test {

/// Turns the loop until `done`; false when that takes longer than `limit`, which says nothing of speed.
inline bool turnUntil(EventLoop& loop, const std::function<bool()>& done,
                      std::chrono::milliseconds limit = std::chrono::seconds(60)) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!done() && std::chrono::steady_clock::now() < end)
        loop.runOnce(std::chrono::milliseconds(20));
    return done();
}

} // namespace stinky::test
