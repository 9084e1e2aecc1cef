#pragma once

#include "generator/wiring.h"

#include <string>

namespace stinky::generator {

/// The canonical path of a serial port. At boot generators run before udev has made any link, so
/// /dev/serialN, the name that a Raspberry Pi's manual gives, is also looked up in the device tree. What
/// cannot be resolved stays as it is. `root` stands before /dev, /sys and /proc in tests.
GpsPort resolvePort(const std::string& path, const std::string& root = "");

/// Whether there is a kismet where systemd would find it; `root` as above.
bool kismetIsInstalled(const std::string& root = "");

/// Whether /etc/group has it; `root` as above.
bool hasGroup(const std::string& name, const std::string& root = "");

/// The facts of this machine that wiring() asks for.
MachineFacts lookAtMachine(const Config& config);

} // namespace stinky::generator
