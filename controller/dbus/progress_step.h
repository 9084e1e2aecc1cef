#pragma once

#include "core/world.h"

#include <string>

namespace stinky::dbus {

/// The station on a part's way that the signal Progress tells: "starting", "ready", "failed", "stopping",
/// "stopped".
inline const char* progressStep(const core::UnitView& unit) {
    if (unit.activeState == "failed" || unit.subState == "auto-restart")
        return "failed";
    if (unit.activeState == "active" || unit.activeState == "reloading")
        return "ready";
    if (unit.activeState == "deactivating")
        return "stopping";
    return unit.activeState == "activating" ? "starting" : "stopped";
}

} // namespace stinky::dbus
