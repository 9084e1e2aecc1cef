#include "ctl/change.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "played_controller.h"
#include "unit/temporary_directory.h"

namespace stinky::ctl {
namespace {

/// What `stinkyctl stop` ends with when the controller answers its request with this error.
int exitCodeAfter(const char* error) {
    const test::TemporaryDirectory folder;
    test::BusDaemon daemon(folder.path());
    daemon.start();
    test::PlayedController played(daemon.address(), [&](int, sd_bus_message* call) {
        if (sd_bus_message_is_method_call(call, nullptr, "Describe"))
            return sd_bus_reply_method_return(call, "s", R"({"state":"running"})") >= 0;
        sd_bus_reply_method_errorf(call, error, "no\033[2J");
        return false;
    });
    Options options;
    options.where.address = daemon.address();
    testing::internal::CaptureStderr();
    const int code = change("Stop", Goal::down, options);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "stinkyctl: Stop: no[2J\n");
    return code;
}

TEST(Change, ThatIsRefusedEndsAsSystemctlDoes) {
    const std::map<const char*, int> table = {
        {"org.freedesktop.DBus.Error.AccessDenied", 4},
        {"org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", 4},
        {"org.stinky.Error.NoSuchUnit", 5},
        {"org.freedesktop.systemd1.NoSuchUnit", 5},
        {"org.stinky.Error.Superseded", 1}};
    for (const auto& [error, code] : table)
        EXPECT_EQ(exitCodeAfter(error), code) << error;
}

} // namespace
} // namespace stinky::ctl
