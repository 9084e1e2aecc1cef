#include "core/advice.h"

#include <gtest/gtest.h>

namespace stinky::core {
namespace {

struct Case {
    const char* name;
    const char* loadState;
    const char* activeState;
    const char* result;
    int exitStatus;
    bool killed;
    const char* trouble;
    const char* nextStep;
    bool mayRecover;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.name;
}

class AdviceTable : public testing::TestWithParam<Case> {};

TEST_P(AdviceTable, SaysWhatHappenedAndWhatToDo) {
    const Case& c = GetParam();
    UnitView unit;
    unit.name = "stinky-tak.service";
    unit.loadState = c.loadState;
    unit.activeState = c.activeState;
    unit.result = c.result;
    unit.exitStatus = c.exitStatus;
    unit.killed = c.killed;
    EXPECT_EQ(troubleOf(unit), c.trouble);
    EXPECT_EQ(nextStepFor(unit), c.nextStep);
    EXPECT_EQ(mayRecover(unit), c.mayRecover);
}

constexpr const char* logs = "look why: stinkyctl logs tak";

INSTANTIATE_TEST_SUITE_P(
    All, AdviceTable,
    testing::Values(
        Case{"Well", "loaded", "active", "success", 0, false, "", "", true},
        Case{"Stopped", "loaded", "inactive", "success", 0, false, "", "", true},
        Case{"Missing", "not-found", "inactive", "", 0, false, "it is not installed",
             "install stinky again: the unit file of stinky-tak.service is missing", false},
        Case{"Masked", "masked", "inactive", "", 0, false, "it is masked",
             "allow it again: systemctl unmask stinky-tak.service", false},
        Case{"BrokenFile", "bad-setting", "inactive", "", 0, false, "its unit file is broken",
             "look what is wrong with its file: systemd-analyze verify stinky-tak.service", false},
        Case{"ExitStatus", "loaded", "failed", "exit-code", 1, false, "exit status 1", logs, true},
        Case{"Settings", "loaded", "failed", "exit-code", 78, false, "its settings are not usable",
             "look which: stinkyctl check-config", false},
        Case{"NoProgram", "loaded", "failed", "exit-code", 203, false, "its program cannot be run",
             "install stinky again: its program is missing or damaged", false},
        Case{"NoUser", "loaded", "failed", "exit-code", 217, false, "its user does not exist",
             "make it: systemd-sysusers", false},
        Case{"NoDevice", "loaded", "failed", "exit-code", 69, false, "what it needs is not there", logs,
             true},
        Case{"Killed", "loaded", "failed", "signal", 9, true, "killed by signal 9", logs, true},
        Case{"KilledBy78IsNoExitStatus", "loaded", "failed", "signal", 78, true, "killed by signal 78", logs,
             true},
        Case{"Crash", "loaded", "failed", "core-dump", 11, true, "it crashed", logs, true},
        Case{"Memory", "loaded", "failed", "oom-kill", 9, true, "it ran out of memory",
             "give it more memory (MemoryMax=): systemctl edit stinky-tak.service", true},
        Case{"Hung", "loaded", "failed", "watchdog", 6, true, "it hung", logs, true},
        Case{"Late", "loaded", "failed", "timeout", 15, true, "it took too long", logs, true},
        Case{"CrashLoop", "loaded", "activating", "exit-code", 1, false, "", "", true},
        Case{"Unknown", "loaded", "failed", "resources", 0, false, "resources", logs, true},
        Case{"NoResult", "loaded", "failed", "", 0, false, "it failed", logs, true}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(FindUnit, TakesWhatAPersonCallsIt) {
    World world;
    for (const char* name : {"stinky-gps@ttyUSB0.service", "stinky-gps@ttyUSB1.service",
                             "stinky-radio@wlan2.service", "stinky-scan.service"})
        world.units.emplace_back().name = name;
    for (const char* name : {"scan", "stinky-scan", "stinky-scan.service"})
        EXPECT_EQ(findUnit(world, name), &world.units[3]) << name;
    EXPECT_EQ(findUnit(world, "radio"), &world.units[2]) << "the only one of its kind";
    EXPECT_EQ(findUnit(world, "gps"), nullptr) << "there are two";
    EXPECT_EQ(findUnit(world, "gps@ttyUSB1"), &world.units[1]);
    for (const char* name : {"", "ssh", "ssh.service", "../scan", "stinky-", "sca"})
        EXPECT_EQ(findUnit(world, name), nullptr) << name;
}

} // namespace
} // namespace stinky::core
