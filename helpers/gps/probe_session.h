#pragma once

#include "gps/probe_core.h"
#include "gps/termios_port.h"

namespace stinky::gps {

/// What came of listening to a port.
struct Listened {
    std::optional<Finding> finding; ///< none: no receiver
    std::uint64_t bytes = 0;
    Moment elapsed{};
    bool interrupted = false; ///< SIGTERM or SIGINT came first
};

/// Runs a ProbeCore on a real port and the monotonic clock until it knows, gives up, or a signal comes.
/// Throws Error when the port goes away. Blocks SIGTERM and SIGINT.
Listened listen(ProbeOptions options, TermiosPort& port);

} // namespace stinky::gps
