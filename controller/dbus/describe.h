#pragma once

#include "core/machine.h"

#include <string>

namespace stinky::dbus {

/// Everything that the controller knows as one JSON object; its form is documented in docs/dbus-api.md.
/// `now`: seconds of CLOCK_MONOTONIC; ages are counted up to it.
std::string describe(const core::Snapshot& snapshot, double now);

} // namespace stinky::dbus
