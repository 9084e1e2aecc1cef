#pragma once

#include "common/event_loop.h"
#include "radio/link.h"
#include "radio/silence.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace stinky::radio {

/// Watches whether a monitor interface hears anything. The kernel has no event for "no frame", so that this
/// takes a clock; it runs only while somebody captures, who is woken by every frame anyway. An interface
/// that nobody listens to costs no wake-up.
class SilenceWatch {
public:
    /// `act` gets each rung of the ladder, and none after each look. A `limit` of 0 watches nothing.
    SilenceWatch(EventLoop& loop, RouteSocket& routes, std::chrono::seconds limit,
                 std::function<void(SilenceLadder::Repair)> act);

    /// Counts until the first frame, for at most 2 s, and logs what came of it.
    void countFirst(std::uint32_t index, const std::string& name);
    /// The link was announced: somebody may have begun to capture, or ceased.
    void onLink(const Link& link);

    const SilenceLadder& ladder() const noexcept { return ladder_; }

private:
    void onFirst();
    void onLook();
    std::optional<std::uint64_t> framesNow();

    RouteSocket& routes_;
    std::chrono::seconds limit_;
    std::function<void(SilenceLadder::Repair)> act_;
    SilenceLadder ladder_;
    Timer first_;
    Timer look_;
    std::uint32_t index_ = 0;
    std::string name_;
    std::optional<std::uint64_t> framesAtFirst_;
    unsigned firstLooks_ = 0;
    bool listening_ = false;
};

} // namespace stinky::radio
