#include "radio/plan.h"

#include <gtest/gtest.h>
#include <linux/nl80211.h>

namespace stinky::radio {
namespace {

constexpr CardState managedUp = {NL80211_IFTYPE_STATION, true};
constexpr CardState managedDown = {NL80211_IFTYPE_STATION, false};
constexpr CardState monitorUp = {NL80211_IFTYPE_MONITOR, true};
constexpr CardState monitorDown = {NL80211_IFTYPE_MONITOR, false};
constexpr CardState apUp = {NL80211_IFTYPE_AP, true};
constexpr CardState apDown = {NL80211_IFTYPE_AP, false};

constexpr Step down = {Step::Kind::setDown, 0};
constexpr Step up = {Step::Kind::setUp, 0};
constexpr Step toMonitor = {Step::Kind::setType, NL80211_IFTYPE_MONITOR};
constexpr Step toManaged = {Step::Kind::setType, NL80211_IFTYPE_STATION};
constexpr Step toAp = {Step::Kind::setType, NL80211_IFTYPE_AP};

TEST(PlanTake, leadsToMonitorModeFromEveryState) {
    EXPECT_EQ(planTake(managedUp), (std::vector{down, toMonitor, up}));
    EXPECT_EQ(planTake(managedDown), (std::vector{toMonitor, up}));
    EXPECT_EQ(planTake(apUp), (std::vector{down, toMonitor, up}));
    EXPECT_EQ(planTake(monitorDown), (std::vector{up}));
    EXPECT_EQ(planTake(monitorUp), std::vector<Step>{});
}

struct RestoreCase {
    const char* name;
    CardState saved;
    CardState now;
    std::vector<Step> steps;
    bool leavesSomething;
};

class PlanRestore : public testing::TestWithParam<RestoreCase> {};

TEST_P(PlanRestore, undoesWhatWasDoneAndNothingElse) {
    const RestorePlan plan = planRestore(GetParam().saved, GetParam().now);
    EXPECT_EQ(plan.steps, GetParam().steps);
    EXPECT_EQ(!plan.left.empty(), GetParam().leavesSomething) << plan.left;
}

INSTANTIATE_TEST_SUITE_P(
    table, PlanRestore,
    testing::Values(RestoreCase{"heldAndUpBefore", managedUp, monitorUp, {down, toManaged, up}, false},
                    RestoreCase{"heldAndDownBefore", managedDown, monitorUp, {down, toManaged}, false},
                    RestoreCase{"killedBeforeItWasUp", managedUp, monitorDown, {toManaged, up}, false},
                    RestoreCase{"killedBeforeTheTypeWasSet", managedUp, managedDown, {up}, false},
                    RestoreCase{"killedBeforeAnything", managedUp, managedUp, {}, false},
                    RestoreCase{"restoredTwice", managedDown, managedDown, {}, false},
                    RestoreCase{"wasAnAccessPoint", apUp, monitorUp, {down, toAp, up}, false},
                    RestoreCase{"wasMonitorAlready", monitorUp, monitorUp, {}, false},
                    RestoreCase{"wasMonitorAndDown", monitorDown, monitorUp, {down}, false},
                    RestoreCase{"wasMonitorAndSetDownSince", monitorUp, monitorDown, {up}, false},
                    RestoreCase{"setUpByAnotherProgram", managedDown, managedUp, {}, true},
                    RestoreCase{"madeAnAccessPointByAnotherProgram", managedDown, apUp, {}, true},
                    RestoreCase{"madeAnAccessPointAndDown", managedUp, apDown, {}, true},
                    RestoreCase{"wasMonitorAndTakenByAnotherProgram", monitorUp, managedUp, {}, true}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(PlanRestore, endsInTheSavedStateForEveryTypeThatWasTaken) {
    for (std::uint32_t type = NL80211_IFTYPE_ADHOC; type < NL80211_IFTYPE_P2P_DEVICE; ++type)
        for (const bool wasUp : {false, true})
            for (const bool isUp : {false, true}) {
                const CardState saved = {type, wasUp};
                CardState state = {NL80211_IFTYPE_MONITOR, isUp};
                for (const Step& step : planRestore(saved, state).steps) {
                    if (step.kind == Step::Kind::setType) {
                        EXPECT_FALSE(state.up)
                            << "a driver refuses to change the type of a running interface";
                        state.type = step.type;
                    } else {
                        state.up = step.kind == Step::Kind::setUp;
                    }
                }
                EXPECT_EQ(state, saved) << describe(saved);
            }
}

TEST(Describe, saysStatesAndStepsInWordsThatIwUses) {
    EXPECT_EQ(describe(managedUp), "managed, up");
    EXPECT_EQ(describe(monitorDown), "monitor, down");
    EXPECT_EQ(describe(toMonitor), "set type monitor");
    EXPECT_EQ(describe(down), "set link down");
    EXPECT_EQ(describe(up), "set link up");
    EXPECT_EQ(describeLoss(monitorDown), "set down");
    EXPECT_EQ(describeLoss(managedUp), "made managed, up");
}

} // namespace
} // namespace stinky::radio
