#pragma once

#include "common/event_loop.h"

#include <functional>
#include <string>

namespace stinky::gps {

/// Waits until nobody has a serial port open any more. It is woken by the kernel at each close of the port,
/// and then gives its users a second: a program that tries several protocols or speeds opens it again at
/// once.
class PortWatch {
public:
    /// `held` says whether somebody has it open; `free` is called once, from the loop, also when nobody had
    /// it to begin with. Throws Error when there is no such port.
    PortWatch(EventLoop& loop, const std::string& path, std::function<bool()> held,
              std::function<void()> free);

private:
    Timer pause_;
    EventSource closes_;
};

} // namespace stinky::gps
