#pragma once

#include "common/bus.h"
#include "core/machine.h"
#include "dbus/authorizer.h"
#include "dbus/controller_object.h"
#include "systemd/systemd_client.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "view/controller.h"

namespace stinky {

/// The way to the system bus, over a restart of the bus: the connection, systemd behind it, and our object
/// on it. All of that is made anew when the bus is back; the machine stays, and learns the truth again by a
/// discovery.
class Session final : public core::ServiceManager {
public:
    explicit Session(EventLoop& loop);
    ~Session() override;

    /// Begins; the first connection must succeed. Both must outlive this. Throws Error.
    void start(core::Machine& machine, view::Controller& controller);
    /// Hands a change to the object on the bus, when there is one. A bus that cannot be reached is no error
    /// here: what follows the change goes on without it.
    void publish(const core::Snapshot& before, const core::Snapshot& after);

    /// Without a bus `done` gets a refusal.
    void perform(const core::Action& action, Done done) override;

private:
    struct Connection;

    void connect();
    void tryAgain();
    void lost();

    EventLoop& loop_;
    core::Machine* machine_ = nullptr;
    view::Controller* controller_ = nullptr;
    std::unique_ptr<Connection> connection_;
    std::deque<std::shared_ptr<Done>> refused_; ///< asked for while there is no bus
    Timer refuse_;
    Timer drop_;
    Timer retry_;
    std::chrono::milliseconds backoff_;
    double connectedAt_ = 0; ///< seconds of CLOCK_MONOTONIC
};

} // namespace stinky
