#pragma once

#include "common/bus.h"
#include "common/error.h"
#include "common/event_loop.h"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace stinky::ctl {

/// The controller cannot be reached at all: no bus, or nobody behind the name.
class Unreachable : public Error {
public:
    using Error::Error;
};

/// The controller's object on the bus, seen from outside.
class Client {
public:
    /// Which bus: an address, or another machine's system bus by ssh ("user@host"); both empty: this
    /// machine's.
    struct Where {
        std::string address = {};
        std::string host = {};
    };

    /// Throws Unreachable.
    Client(EventLoop& loop, const Where& where);

    /// Everything, as JSON. Waits for the answer. Throws Unreachable, Error.
    std::string describe();
    /// The same of one that runs: none is started, and one that is stuck is not waited for.
    std::string describeIfThere();
    /// The strongest access points, as JSON. Waits. Throws Unreachable, Error.
    std::string accessPoints(std::uint32_t limit);
    /// Its name is empty when the job was queued; otherwise what failed.
    using Done = std::function<void(const bus::Failure& failure)>;

    /// Restarts parts, as request().
    void restart(const std::vector<std::string>& parts, bool interactive, Done done);
    /// Calls `method` ("Start", "Stop", "Restart") without waiting; `interactive` lets polkit ask for a
    /// password.
    void request(const char* method, bool interactive, Done done);
    using Changed = std::function<void(const std::string& description)>;
    /// `gone`: the bus is, and there will be no more descriptions.
    using Failed = std::function<void(const std::string& why, bool gone)>;

    /// Calls `changed` with each new description from now on: after every signal of the controller, and
    /// after refresh(); `failed` in its place when there is no answer.
    void follow(Changed changed, Failed failed);
    /// Asks for a description, for follow()'s receivers.
    void refresh();

private:
    std::string ask(sd_bus_message* call, std::chrono::microseconds deadline);
    void onDescription(sd_bus_message* reply);
    void send(sd_bus_message* call, bool interactive, Done done);

    bus::Bus bus_;
    bus::Calls calls_;
    Changed changed_;
    Failed failed_;
    bool asking_ = false;
    bool again_ = false;
    bus::Slot signals_;
};

} // namespace stinky::ctl
