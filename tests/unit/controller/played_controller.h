#pragma once

#include "common/error.h"

#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "bus_daemon.h"

namespace stinky::test {

/// A controller that is played, on a thread of its own: stinkyctl waits for its first answer.
class PlayedController {
public:
    /// `answer` writes the reply to the call of that number; on false the bus connection ends.
    using Answer = std::function<bool(int number, sd_bus_message* call)>;

    PlayedController(const std::string& address, Answer answer)
        : answer_(std::move(answer)), bus_(connectTo(loop_, address)) {
        sd_bus* raw = bus_.get();
        sd_bus_slot* slot = nullptr;
        checked(sd_bus_add_object(raw, &slot, "/org/stinky/Controller1", onCall, this), "play", "an object");
        slot_.reset(slot);
        checked(sd_bus_request_name(raw, name, 0), "take", name);
        thread_ = std::thread([this] { loop_.run(); });
    }

    ~PlayedController() { thread_.join(); }

private:
    static constexpr const char* name = "org.stinky.Controller1";

    static int onCall(sd_bus_message* call, void* userdata, sd_bus_error*) {
        auto& self = *static_cast<PlayedController*>(userdata);
        if (!sd_bus_message_is_method_call(call, name, nullptr))
            return 0;
        if (!self.answer_(++self.calls_, call))
            self.loop_.exit(0);
        return 1;
    }

    Answer answer_;
    int calls_ = 0;
    EventLoop loop_;
    bus::Bus bus_;
    bus::Slot slot_;
    std::thread thread_;
};

} // namespace stinky::test
