#pragma once

#include "common/event_loop.h"

#include <systemd/sd-bus.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

/// sd-bus with owners that clean up and callbacks that are C++. A handler may throw: an Error is logged and
/// the message counts as handled (what others sent must not end the program), anything else ends the loop
/// with EXIT_FAILURE; nothing is thrown into sd-bus.
namespace stinky::bus {

struct BusDeleter {
    void operator()(sd_bus* bus) const noexcept { sd_bus_flush_close_unref(bus); }
};

struct SlotDeleter {
    void operator()(sd_bus_slot* slot) const noexcept { sd_bus_slot_unref(slot); }
};

struct MessageDeleter {
    void operator()(sd_bus_message* message) const noexcept { sd_bus_message_unref(message); }
};

using Bus = std::unique_ptr<sd_bus, BusDeleter>;
/// What was registered with it is taken back when it goes, the handler included.
using Slot = std::unique_ptr<sd_bus_slot, SlotDeleter>;
using Message = std::unique_ptr<sd_bus_message, MessageDeleter>;
using Handler = std::function<void(sd_bus_message*)>;

/// The system bus ($DBUS_SYSTEM_BUS_ADDRESS is heeded), served by the loop. When the bus goes away the loop
/// ends with EXIT_FAILURE: a bus daemon that restarts has forgotten all of its clients. Throws Error.
Bus openSystem(EventLoop& loop);

/// A method call without arguments yet; `destination` is a bus name. Throws Error.
Message newCall(sd_bus* bus, const std::string& destination, const std::string& path, const char* interface,
                const char* member);

/// Calls `handler` for each message that the rule matches. The order of the bus holds: calls made afterwards
/// are answered after the match is in place. Throws Error.
[[nodiscard]] Slot addMatch(sd_bus* bus, const std::string& rule, Handler handler);

/// An error reply: its D-Bus name and its text.
struct Failure {
    std::string name;
    std::string text;
};

/// Nothing (empty name) when the reply is none of an error.
Failure failureOf(sd_bus_message* reply);

/// Runs `call` behind the fence described above.
void guarded(sd_bus* bus, const std::function<void()>& call) noexcept;

/// Asynchronous calls that end with their owner: no handler is called once this is gone.
class Calls {
public:
    explicit Calls(sd_bus* bus) noexcept : bus_(bus) {}

    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    /// Sends `message`; `handler` gets the reply, which is an error message when the call failed or was not
    /// answered within `deadline`. The handler must not destroy this object. Throws Error.
    void send(sd_bus_message* message, std::chrono::microseconds deadline, Handler handler);

private:
    sd_bus* bus_;
    std::uint64_t next_ = 0;
    std::map<std::uint64_t, Slot> slots_;
};

} // namespace stinky::bus
