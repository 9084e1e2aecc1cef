#include "web/legacy.h"

#include <gtest/gtest.h>

namespace stinky::web {
namespace {

using Json = nlohmann::ordered_json;

TEST(PartsSeen, KnowsTheScannerWhicheverItIs) {
    const Json scan = Json::parse(R"({"units":[{"name":"stinky-scan.service","active_state":"active"}],
        "parts":[{"part":"scan","state":"ok","stale":false}]})");
    EXPECT_TRUE(partsSeen(scan).scannerActive);
    EXPECT_TRUE(partsSeen(scan).scannerWell);
    EXPECT_FALSE(partsSeen(scan).kismet);
    const Json kismet = Json::parse(R"({"units":[{"name":"stinky-kismet.service","active_state":"active"}],
        "parts":[{"part":"kismet","state":"ok","stale":true}]})");
    EXPECT_TRUE(partsSeen(kismet).kismet);
    EXPECT_FALSE(partsSeen(kismet).scannerWell) << "a stale report says nothing";
    EXPECT_FALSE(partsSeen(Json::object()).scannerActive);
}

TEST(ScriptStatus, IsRunningOnlyWhenItIs) {
    for (const auto& [state, running] : {std::pair(core::State::inactive, false),
                                         {core::State::starting, false},
                                         {core::State::running, true},
                                         {core::State::degraded, true},
                                         {core::State::stopping, false},
                                         {core::State::failed, false}})
        EXPECT_EQ(scriptStatus(state, "", {}, 0)["running"].get<bool>(), running);
    EXPECT_EQ(scriptStatus(core::State::failed, "no card", {}, 0)["message"], "Failed: no card");
}

TEST(Info, SaysNothingWithoutAFix) {
    const Json none = info({}, 100, {}, "10.1.2.3");
    EXPECT_TRUE(none["gps"]["lat"].is_null());
    EXPECT_EQ(none["gps"]["status"], "No Fix");
    GpsState gps;
    gps.connected = gps.answered = true;
    gps.fix.mode = 2;
    gps.fix.latitude = 1.5;
    gps.fix.monotonic = 100;
    EXPECT_EQ(info(gps, 101, {}, "")["gps"]["status"], "2D Fix");
    EXPECT_EQ(info(gps, 200, {}, "")["gps"]["status"], "No Fix") << "where we were is not where we are";
}

} // namespace
} // namespace stinky::web
