#pragma once

#include "common/event_loop.h"

#include <functional>
#include <string>
#include <vector>

namespace stinky::gps {

/// The active state of a unit ("active", "inactive", ...); empty when systemd cannot be asked.
std::string unitState(const std::string& unit);

/// The devices of the instances of stinky-gps@.service that are active: what was handed to gpsd. Throws
/// Error.
std::vector<std::string> devicesHandedOver();

/// Asks systemd to start a unit, without waiting for it. Throws Error, with polkit's or systemd's own words.
void startUnit(const std::string& unit);

/// Asks systemd to restart gpsd.service, without waiting for it; a polkit rule lets stinky-gps do that.
/// Throws Error, with polkit's or systemd's own words.
void restartGpsd();

} // namespace stinky::gps
