#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace stinky::gps {

/// A process that has a port open.
struct PortHolder {
    pid_t pid;
    std::string name; ///< from /proc/PID/comm: "ModemManager", "agetty"
};

/// Looks for another process that has the character device `device` (stat's st_rdev) open. Sees only what
/// proc(5) lets this user see: all processes for root, one's own otherwise. `proc` is /proc, or a folder
/// like it in tests.
std::optional<PortHolder> findPortHolder(dev_t device, const std::string& proc = "/proc");

} // namespace stinky::gps
