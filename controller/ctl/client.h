#pragma once

#include "common/bus.h"
#include "common/error.h"
#include "common/event_loop.h"

#include <chrono>
#include <functional>
#include <string>

namespace stinky::ctl {

/// The controller cannot be reached at all: no bus, or nobody behind the name.
class Unreachable : public Error {
public:
    using Error::Error;
};

/// The controller's object on the bus, seen from outside.
class Client {
public:
    /// `address`: of the bus; empty for the system bus. Throws Unreachable.
    Client(EventLoop& loop, const std::string& address);

    /// Everything, as JSON. Waits for the answer. Throws Unreachable, Error.
    std::string describe();
    /// Calls `method` ("Start", "Stop", "Restart") without waiting; `done` gets an empty text when the job
    /// was queued, otherwise why not. `interactive` lets polkit ask for a password.
    void request(const char* method, bool interactive, std::function<void(const std::string& error)> done);
    /// Calls `changed` with each new description from now on: after every signal of the controller, and
    /// after refresh().
    void follow(std::function<void(const std::string& description)> changed);
    /// Asks for a description, for follow()'s receiver.
    void refresh();

private:
    bus::Bus bus_;
    bus::Calls calls_;
    std::function<void(const std::string&)> changed_;
    bool asking_ = false;
    bool again_ = false;
    bus::Slot signals_;
};

} // namespace stinky::ctl
