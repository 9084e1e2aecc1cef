#include "ctl/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <sstream>
#include <thread>
#include <vector>

#include "bus_daemon.h"
#include "unit/temporary_directory.h"

namespace stinky::ctl {
namespace {

using testing::ElementsAre;

constexpr const char* controllerName = "org.stinky.Controller1";

/// A controller of which only Describe is there, on a thread of its own: stinkyctl waits for its first
/// answer.
class PlayedController {
public:
    /// `answer` writes the reply to the call of that number; on false the bus connection ends.
    using Answer = std::function<bool(int number, sd_bus_message* call)>;

    PlayedController(const std::string& address, Answer answer)
        : answer_(std::move(answer)), bus_(test::connectTo(loop_, address)) {
        sd_bus* raw = bus_.get();
        sd_bus_slot* slot = nullptr;
        checked(sd_bus_add_object(raw, &slot, "/org/stinky/Controller1", onCall, this), "play", "an object");
        slot_.reset(slot);
        checked(sd_bus_request_name(raw, controllerName, 0), "take", controllerName);
        thread_ = std::thread([this] { loop_.run(); });
    }

    ~PlayedController() { thread_.join(); }

private:
    static int onCall(sd_bus_message* call, void* userdata, sd_bus_error*) {
        auto& self = *static_cast<PlayedController*>(userdata);
        if (!sd_bus_message_is_method_call(call, controllerName, "Describe"))
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

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> list;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        list.push_back(line);
    return list;
}

TEST(Watch, GoesOnAfterAnAnswerThatFailedAndEndsWithTheBus) {
    const test::TemporaryDirectory folder;
    test::BusDaemon daemon(folder.path());
    daemon.start();
    PlayedController played(daemon.address(), [&](int number, sd_bus_message* call) {
        if (number == 2)
            return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_FAILED, "not now") >= 0;
        if (number == 5) {
            daemon.end();
            return false;
        }
        return sd_bus_reply_method_return(call, "s", number == 3 ? "nonsense" : "well") >= 0;
    });
    EventLoop loop;
    std::ostringstream out;
    Client client(loop, {daemon.address(), ""});
    const auto render = [](const std::string& description) {
        if (description == "nonsense")
            throw Error("read", "it", "it is none");
        return description + "\n";
    };
    const auto failure = [](const std::string& why) {
        return "failed: " + why + "\n";
    };
    EXPECT_THROW(watchController(loop, client, std::chrono::milliseconds(10), out, render, failure),
                 Unreachable);
    EXPECT_THAT(lines(out.str()),
                ElementsAre("well", "failed: not now", "failed: read it: it is none", "well"));
}

} // namespace
} // namespace stinky::ctl
