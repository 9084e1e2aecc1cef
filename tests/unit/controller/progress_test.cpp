#include "ctl/progress.h"

#include <gtest/gtest.h>

namespace stinky::ctl {
namespace {

UnitLine unit(std::string name, std::string active, std::string sub = "") {
    UnitLine line;
    line.name = std::move(name);
    line.loadState = "loaded";
    line.activeState = std::move(active);
    line.subState = std::move(sub);
    line.result = "success";
    return line;
}

StatusView picture(std::string state, std::string reason, std::vector<UnitLine> units) {
    StatusView view;
    view.state = std::move(state);
    view.reason = std::move(reason);
    view.units = std::move(units);
    return view;
}

TEST(Progress, TellsOfEachPartOnceOnTheWayUp) {
    Progress progress(Goal::up, false);
    EXPECT_EQ(progress.update(
                  picture("inactive", "",
                          {unit("stinky-radio@wlan2.service", "active"),
                           unit("stinky-scan.service", "inactive"), unit("stinky-tak.service", "inactive")}),
                  0),
              "  radio@wlan2  ready already\n");
    auto scan = unit("stinky-scan.service", "activating", "start");
    EXPECT_EQ(progress.update(picture("starting", "waiting for stinky-scan",
                                      {unit("stinky-radio@wlan2.service", "active"), scan,
                                       unit("stinky-tak.service", "inactive")}),
                              0.5),
              "");
    EXPECT_FALSE(progress.outcome());
    scan.activeState = "active";
    scan.part = PartLine{"scan", "waiting", "no position", false, {}, {}};
    auto tak = unit("stinky-tak.service", "failed");
    tak.result = "exit-code";
    tak.trouble = "exit status 1";
    EXPECT_EQ(progress.update(picture("starting", "waiting for systemd",
                                      {unit("stinky-radio@wlan2.service", "active"), scan, tak}),
                              3.14),
              "  scan         ready after 3.1 s: no position\n"
              "  tak          failed after 3.1 s: exit status 1\n");
    EXPECT_EQ(progress.update(picture("degraded", "stinky-tak failed: exit-code",
                                      {unit("stinky-radio@wlan2.service", "active"), scan, tak}),
                              3.2),
              "");
    EXPECT_EQ(progress.outcome(), 1);
    EXPECT_EQ(progress.verdict(3.2), "degraded after 3.2 s: stinky-tak failed: exit-code\n");
}

TEST(Progress, WhatSystemdKnowsStandsInForAReportThatIsNotThereYet) {
    Progress progress(Goal::up, false);
    auto tak = unit("stinky-tak.service", "active");
    tak.statusText = "ok: sending to 2 outputs";
    EXPECT_EQ(progress.update(picture("running", "", {tak}), 0),
              "  tak  ready already: sending to 2 outputs\n");
}

TEST(Progress, DegradedWithAllUnitsActiveIsUp) {
    Progress progress(Goal::up, false);
    progress.update(picture("degraded", "no position", {unit("stinky-scan.service", "active")}), 1);
    EXPECT_EQ(progress.outcome(), 0);
    auto port = unit("stinky-gps@ttyUSB0.service", "inactive");
    port.member = false;
    progress.update(picture("degraded", "no position", {unit("stinky-scan.service", "active"), port}), 1);
    EXPECT_EQ(progress.outcome(), 0) << "a port without a dongle belongs to the machine";
}

TEST(Progress, AnOptionalPartThatFailedIsShownAndIsNobodysFailure) {
    Progress progress(Goal::up, false);
    auto display = unit("stinky-cgps.service", "failed");
    display.optional = true;
    display.trouble = "it failed too often";
    progress.update(picture("starting", "", {unit("stinky-scan.service", "active")}), 0);
    EXPECT_EQ(progress.update(
                  picture("degraded", "no position", {unit("stinky-scan.service", "active"), display}), 2),
              "  cgps  failed after 2.0 s: it failed too often\n");
    EXPECT_EQ(progress.outcome(), 0);
    EXPECT_TRUE(progress.toBlame().empty());
}

TEST(Progress, FailedAndInactiveAreNotUp) {
    Progress progress(Goal::up, false);
    progress.update(picture("failed", "start of stinky.target ended with: dependency", {}), 1);
    EXPECT_EQ(progress.outcome(), 1);
    progress.update(picture("inactive", "", {}), 1);
    EXPECT_EQ(progress.outcome(), 1);
}

TEST(Progress, TellsOfEachPartOnceOnTheWayDown) {
    Progress progress(Goal::down, false);
    EXPECT_EQ(progress.update(
                  picture("running", "",
                          {unit("stinky-scan.service", "active"), unit("stinky-tak.service", "inactive")}),
                  0),
              "");
    EXPECT_EQ(progress.update(picture("stopping", "",
                                      {unit("stinky-scan.service", "deactivating"),
                                       unit("stinky-tak.service", "inactive")}),
                              0.2),
              "");
    EXPECT_FALSE(progress.outcome());
    EXPECT_EQ(progress.update(
                  picture("inactive", "",
                          {unit("stinky-scan.service", "inactive"), unit("stinky-tak.service", "inactive")}),
                  0.7),
              "  scan  stopped after 0.7 s\n");
    EXPECT_EQ(progress.outcome(), 0);
    EXPECT_EQ(progress.verdict(0.7), "inactive after 0.7 s\n");
}

TEST(Progress, TellsOfEachPartAsItComesBack) {
    Progress progress(Goal::again, false);
    EXPECT_EQ(progress.update(picture("running", "", {unit("stinky-scan.service", "active")}), 0), "");
    EXPECT_EQ(progress.update(picture("starting", "", {unit("stinky-scan.service", "inactive")}), 0.5), "");
    EXPECT_EQ(progress.update(picture("running", "", {unit("stinky-scan.service", "active")}), 2),
              "  scan  ready after 2.0 s\n");
    EXPECT_EQ(progress.outcome(), 0);
}

TEST(Progress, ANamedPartIsWaitedForWhateverTheStackSays) {
    for (const char* part : {"gps@ttyUSB0", "cgps", "scan"}) {
        Progress progress(Goal::again, false, {part});
        auto named = unit("stinky-" + std::string(part) + ".service", "active");
        named.member = part == std::string("scan");
        named.optional = part == std::string("cgps");
        const auto look = [&](const char* stack) {
            progress.update(picture(stack, "", {unit("stinky-tak.service", "active"), named}), 1);
            return progress.outcome();
        };
        named.job = "restart";
        EXPECT_EQ(look("running"), std::nullopt) << part << " has not begun to stop";
        named.activeState = "deactivating";
        EXPECT_EQ(look("running"), std::nullopt);
        named.activeState = "activating";
        named.job.clear();
        EXPECT_EQ(look("degraded"), std::nullopt);
        named.activeState = "active";
        EXPECT_EQ(look("starting"), 0) << "another part's start is no matter of " << part;
        named.activeState = "activating";
        named.subState = "auto-restart";
        EXPECT_EQ(look("running"), 1);
    }
}

TEST(Progress, StillUpAfterAStopIsAFailure) {
    Progress progress(Goal::down, false);
    progress.update(picture("running", "", {}), 1);
    EXPECT_EQ(progress.outcome(), 1);
}

TEST(Progress, BlamesWhoIsBusyWhenThePatienceIsOver) {
    Progress progress(Goal::up, false);
    auto scan = unit("stinky-scan.service", "activating", "start");
    scan.job = "start";
    auto tak = unit("stinky-tak.service", "inactive");
    tak.job = "start";
    auto display = unit("stinky-cgps.service", "activating");
    display.optional = true;
    const auto radio = unit("stinky-radio@wlan2.service", "active");
    progress.update(picture("starting", "waiting for stinky-scan", {radio, scan, tak, display}), 120);
    EXPECT_EQ(progress.toBlame(), std::vector<std::string>{"stinky-scan.service"});
    scan.activeState = "inactive";
    progress.update(picture("starting", "waiting for stinky-scan", {radio, scan, tak, display}), 120);
    EXPECT_EQ(progress.toBlame(), (std::vector<std::string>{"stinky-scan.service", "stinky-tak.service"}))
        << "both wait, for what is none of ours";
    tak.trouble = "it crashed";
    progress.update(picture("starting", "waiting for stinky-scan", {radio, scan, tak, display}), 120);
    EXPECT_EQ(progress.toBlame(), std::vector<std::string>{"stinky-tak.service"});
}

TEST(Progress, BlamesWhatLiesDownAfterAStartThatEndedForWantOfIt) {
    const auto radio = unit("stinky-radio@wlan2.service", "inactive");
    const auto tak = unit("stinky-tak.service", "active");
    Progress up(Goal::up, false);
    up.update(picture("degraded", "stinky-radio@wlan2 is not running", {radio, tak}), 3);
    EXPECT_EQ(up.toBlame(), std::vector<std::string>{"stinky-radio@wlan2.service"});
    Progress down(Goal::down, false);
    down.update(picture("running", "", {radio, tak}), 3);
    EXPECT_TRUE(down.toBlame().empty());
}

TEST(Progress, SaysWhatItWaitedForInVain) {
    Progress progress(Goal::up, false);
    EXPECT_EQ(progress.tooLate(5), "no answer after 5.0 s\n");
    progress.update(picture("starting", "waiting for stinky-scan", {}), 1);
    EXPECT_EQ(progress.tooLate(5), "still starting after 5.0 s: waiting for stinky-scan\n");
}

} // namespace
} // namespace stinky::ctl
