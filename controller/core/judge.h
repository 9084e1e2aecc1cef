#pragma once

#include "core/repair.h"
#include "core/world.h"

#include <string>
#include <vector>

namespace stinky::core {

/// What the controller itself has asked systemd for and not seen the end of.
struct Intent {
    bool startPending = false;   ///< a start or restart was asked for
    bool stopPending = false;    ///< a stop was asked for
    bool restartPending = false; ///< the start is one that stops first
    /// Result of the last start of the target if it ended badly and none was tried since: "dependency",
    /// "timeout".
    std::string startFailure = {};
    /// ON_FAILURE=stop has stopped the stack because a critical part failed.
    bool stoppedForFailure = false;
    Repairs repairs = {};
};

/// A part that a start waits for.
struct Awaited {
    std::string unit;
    double since = 0; ///< seconds of CLOCK_MONOTONIC

    bool operator==(const Awaited&) const = default;
};

struct Verdict {
    State state = State::inactive;
    /// For people, the most important first, without full stops: "stinky-tak failed: exit-code". They hold
    /// no numbers that change by themselves, so that a reason changes only when something happened.
    std::vector<std::string> reasons;
    /// What a person can do about the most important one; empty when there is nothing to do.
    std::string nextStep = {};
    /// While starting and stopping: the parts that are busy, or those queued where none is.
    std::vector<Awaited> awaited = {};

    bool operator==(const Verdict&) const = default;
};

/// The state of the stack as a function of what systemd and the parts say. `now`: seconds of
/// CLOCK_MONOTONIC.
Verdict judge(const World& world, const Intent& intent, double now);

/// The reasons as one line: "a; b; c and 2 more".
std::string joinReasons(const std::vector<std::string>& reasons);

} // namespace stinky::core
