#include "ctl/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <vector>

#include "bus_daemon.h"
#include "played_controller.h"
#include "unit/temporary_directory.h"

namespace stinky::ctl {
namespace {

using testing::ElementsAre;

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
    test::PlayedController played(daemon.address(), [&](int number, sd_bus_message* call) {
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

TEST(Client, AsksOnlyAControllerThatRuns) {
    const test::TemporaryDirectory folder;
    test::BusDaemon daemon(folder.path());
    daemon.start();
    EventLoop loop;
    Client client(loop, {daemon.address(), ""});
    EXPECT_THROW(client.describeIfThere(), Unreachable);
    test::PlayedController played(daemon.address(), [](int number, sd_bus_message* call) {
        sd_bus_message_get_auto_start(call) == 0
            ? sd_bus_reply_method_return(call, "s", "it was not to start")
            : sd_bus_reply_method_return(call, "s", "it was");
        return number < 2;
    });
    EXPECT_EQ(client.describeIfThere(), "it was not to start");
    EXPECT_EQ(client.describe(), "it was");
}

} // namespace
} // namespace stinky::ctl
