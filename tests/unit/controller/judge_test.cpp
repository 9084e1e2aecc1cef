#include "controller/judge_table.h"

namespace stinky::core {
namespace {

TEST_P(JudgeTable, GivesStateAndReasons) {
    const Case& c = GetParam();
    const Verdict verdict = judge(c.world, c.intent, now);
    EXPECT_STREQ(toString(verdict.state), toString(c.state));
    EXPECT_EQ(verdict.reasons, c.reasons);
}

const Case down[] = {
    {"AllDown",
     {target("inactive"), {unit("stinky-scan.service", "inactive")}, {}},
     {},
     State::inactive,
     {}},
    {"NothingKnown", {target("inactive"), {}, {}}, {}, State::inactive, {}},
    {"ReportsOfAStoppedStackDoNotMatter",
     {target("inactive"),
      {unit("stinky-scan.service", "inactive")},
      {part("scan", PartHealth::fault, "x", 99)}},
     {},
     State::inactive,
     {}},
    {"MemberFailed",
     {target("inactive"), {failed("stinky-tak.service", "exit-code")}, {}},
     {},
     State::failed,
     {"stinky-tak failed: exit-code"}},
    {"AttachedFailureIsNotTheStacks",
     {target("inactive"), {attached(failed("stinky-gps@ttyUSB0.service", "timeout"))}, {}},
     {},
     State::inactive,
     {}},
    {"StartEndedBadly",
     {target("inactive"), {unit("stinky-tak.service", "inactive")}, {}},
     {.startFailure = "dependency"},
     State::failed,
     {"start of stinky.target ended with: dependency"}},
    {"TargetNotInstalled",
     {[] {
          UnitView view = target("inactive");
          view.loadState = "not-found";
          return view;
      }(),
      {},
      {}},
     {},
     State::failed,
     {"stinky.target is not installed"}},
    {"MemberRunsByHand",
     {target("inactive"), {scan}, {}},
     {},
     State::inactive,
     {"stinky-scan runs although the target is stopped"}},
    {"StopOfWhatIsDown",
     {target("inactive"), {unit("stinky-tak.service", "inactive")}, {}},
     {.stopPending = true},
     State::inactive,
     {}},
};

const Case starting[] = {
    {"AskedFor",
     {target("inactive"), {unit("stinky-scan.service", "inactive")}, {}},
     {.startPending = true},
     State::starting,
     {"waiting for systemd"}},
    {"JobQueued",
     {target("inactive", "start"), {radio, unit("stinky-scan.service", "activating", "start", "start")}, {}},
     {},
     State::starting,
     {"waiting for stinky-scan"}},
    {"OnlyQueuedMembers",
     {target("inactive", "start"), {unit("stinky-scan.service", "inactive", "dead", "start")}, {}},
     {},
     State::starting,
     {"waiting for stinky-scan"}},
    {"TheBusyOneIsNamedNotThoseBehindIt",
     {target("inactive", "start"),
      {unit("stinky-radio@wlan2.service", "activating", "start"),
       unit("stinky-scan.service", "inactive", "dead", "start")},
      {}},
     {},
     State::starting,
     {"waiting for stinky-radio@wlan2"}},
    {"FailureWhileOthersStillStart",
     {target("inactive", "start"),
      {failed("stinky-tak.service", "exit-code"), unit("stinky-scan.service", "activating", "start")},
      {}},
     {},
     State::starting,
     {"waiting for stinky-scan"}},
    {"Restart",
     {target("inactive", "restart"),
      {unit("stinky-scan.service", "deactivating", "stop-sigterm", "restart")},
      {}},
     {.startPending = true},
     State::starting,
     {"waiting for stinky-scan"}},
    {"MemberStartedAgainByHandWhileUp",
     {target("active"), {radio, unit("stinky-tak.service", "activating", "start", "start")}, {}},
     {},
     State::starting,
     {"waiting for stinky-tak"}},
    {"StartRevivesWhatLiesDown",
     {target("active"), {radio, unit("stinky-tak.service", "inactive", "dead")}, {}},
     {.startPending = true},
     State::starting,
     {"waiting for systemd"}},
};

const Case restarting[] = {
    {"OfTheStackFromItsFirstMoment",
     {target("active"), {scan}, {}},
     {.startPending = true, .restartPending = true},
     State::starting,
     {"waiting for systemd"}},
    {"OfTheStackBySomebodyElse",
     {target("active", "restart"), {unit("stinky-scan.service", "active", "running", "restart")}, {}},
     {},
     State::starting,
     {"waiting for stinky-scan"}},
    {"OfOnePart",
     {target("active"), {radio, unit("stinky-tak.service", "deactivating", "stop-sigterm", "restart")}, {}},
     {},
     State::starting,
     {"waiting for stinky-tak"}},
    {"BetweenTwoTriesOfACrashLoopIsNone",
     {target("active"),
      {[] {
          UnitView view = unit("stinky-tak.service", "inactive", "dead", "start");
          view.restarts = 1;
          return view;
      }()},
      {}},
     {},
     State::degraded,
     {"stinky-tak is starting again"}},
};

const Case up[] = {
    {"DataFlows",
     {target("active"), {radio, scan, tak}, {part("scan", PartHealth::ok), part("tak", PartHealth::ok)}},
     {},
     State::running,
     {}},
    {"StartOfWhatIsUpChangesNothing",
     {target("active"), {radio, scan}, {}},
     {.startPending = true},
     State::running,
     {}},
    {"PartWaits",
     {target("active"), {scan}, {part("scan", PartHealth::waiting, "no position: waiting for a GPS fix")}},
     {},
     State::degraded,
     {"no position: waiting for a GPS fix"}},
    {"PartWaitsWithoutSayingWhy",
     {target("active"), {scan}, {part("scan", PartHealth::waiting)}},
     {},
     State::degraded,
     {"stinky-scan is waiting"}},
    {"SameReasonOnce",
     {target("active"),
      {scan, tak},
      {part("scan", PartHealth::waiting, "no position"), part("tak", PartHealth::waiting, "no position")}},
     {},
     State::degraded,
     {"no position"}},
    {"PartDegraded",
     {target("active"), {radio, tak}, {part("tak", PartHealth::degraded, "no route to 10.0.0.1")}},
     {},
     State::degraded,
     {"stinky-tak: no route to 10.0.0.1"}},
    {"PartFaultOfAnInstance",
     {target("active"), {radio}, {part("radio", PartHealth::fault, "wlan2 was removed")}},
     {},
     State::degraded,
     {"stinky-radio@wlan2: wlan2 was removed"}},
    {"StaleReport",
     {target("active"), {scan}, {part("scan", PartHealth::ok, "", 31)}},
     {},
     State::degraded,
     {"stinky-scan does not report any more"}},
    {"ThirtySecondsAreNotStale",
     {target("active"), {scan}, {part("scan", PartHealth::ok, "", 30)}},
     {},
     State::running,
     {}},
    {"ReportFromTheFuture",
     {target("active"), {scan}, {part("scan", PartHealth::ok, "", -60)}},
     {},
     State::degraded,
     {"stinky-scan does not report any more"}},
    {"StaleReportOfADeadUnitIsOneReasonNotTwo",
     {target("active"), {failed("stinky-scan.service", "watchdog")}, {part("scan", PartHealth::ok, "", 31)}},
     {},
     State::degraded,
     {"stinky-scan failed: it hung"}},
    {"MemberSkippedByItsCondition",
     {target("active"), {radio, scan, skipped("stinky-kismet.service")}, {part("scan", PartHealth::ok)}},
     {},
     State::running,
     {}},
    {"MemberInactive",
     {target("active"), {radio, unit("stinky-tak.service", "inactive", "dead")}, {}},
     {},
     State::degraded,
     {"stinky-tak is not running"}},
    {"MemberNotInstalled",
     {target("active"),
      {[] {
          UnitView view = unit("stinky-tak.service", "inactive", "dead");
          view.loadState = "not-found";
          return view;
      }()},
      {}},
     {},
     State::degraded,
     {"stinky-tak is not installed"}},
    {"CrashLoopIsNoStart",
     {target("active"),
      {[] {
          UnitView view = unit("stinky-tak.service", "activating", "auto-restart");
          view.result = "exit-code";
          return view;
      }()},
      {}},
     {},
     State::degraded,
     {"stinky-tak failed: exit-code, starting again"}},
    {"SecondTryOfACrashLoop",
     {target("active"),
      {[] {
          UnitView view = unit("stinky-tak.service", "activating", "start");
          view.restarts = 2;
          return view;
      }()},
      {}},
     {},
     State::degraded,
     {"stinky-tak is starting again"}},
    {"MemberStopsAlone",
     {target("active"), {radio, unit("stinky-tak.service", "deactivating", "stop-sigterm")}, {}},
     {},
     State::degraded,
     {"stinky-tak is stopping"}},
    {"StaleFileWithoutUnitIsForgotten",
     {target("active"), {scan}, {part("old", PartHealth::fault, "x", 100)}},
     {},
     State::running,
     {}},
    {"FreshFileWithoutUnitCounts",
     {target("active"), {scan}, {part("new", PartHealth::fault, "broken")}},
     {},
     State::degraded,
     {"stinky-new: broken"}},
};

UnitView bound(UnitView view) {
    view.role = Role::bound;
    return view;
}

/// The scanner of a sensor that has none: stinky-tak's After= makes systemd load it.
const Case notWanted[] = {
    {"IsNotMissed",
     {target("active"), {bound(unit("stinky-scan.service", "inactive")), tak}, {}},
     {},
     State::running,
     {}},
    {"ItsOldFailureIsNobodysConcern",
     {target("active"), {bound(failed("stinky-scan.service", "exit-code")), tak}, {}},
     {},
     State::running,
     {}},
    {"WhileItRunsItsReportCounts",
     {target("active"), {bound(scan), tak}, {part("scan", PartHealth::fault, "no card")}},
     {},
     State::degraded,
     {"stinky-scan: no card"}},
    {"AStopWaitsForIt",
     {target("inactive"), {bound(unit("stinky-scan.service", "deactivating")), tak}, {}},
     {},
     State::stopping,
     {"waiting for the end of stinky-scan"}},
};

UnitView device(std::string active) {
    UnitView view = unit("sys-subsystem-net-devices-wlan2.device", std::move(active));
    view.role = Role::device;
    return view;
}

UnitView needing(UnitView view, const std::string& name) {
    view.needs = {name};
    return view;
}

const std::string card = "sys-subsystem-net-devices-wlan2.device";

const Case devices[] = {
    {"AStartThatWaitsForOneNamesIt",
     {target("inactive", "start"),
      {device("inactive"), needing(unit("stinky-radio@wlan2.service", "inactive", "dead", "start"), card)},
      {}},
     {},
     State::starting,
     {"waiting for stinky-radio@wlan2 (wlan2 is not there)"}},
    {"APartThatLostItsOneNamesIt",
     {target("active"),
      {device("inactive"), needing(unit("stinky-radio@wlan2.service", "inactive"), card), tak},
      {}},
     {},
     State::degraded,
     {"stinky-radio@wlan2 is not running: wlan2 is not there"}},
    {"ADeviceItselfIsNoPart", {target("active"), {device("inactive"), tak}, {}}, {}, State::running, {}},
};

const Case repairs[] = {
    {"NextIsSaid",
     {target("active"), {failed("stinky-tak.service", "exit-code")}, {}},
     {.repairs = {{"stinky-tak.service", {1, 1100}}}},
     State::degraded,
     {"stinky-tak failed: exit-code, repair 2 of 3 follows"}},
    {"GivenUpIsSaid",
     {target("active"), {failed("stinky-tak.service", "exit-code")}, {}},
     {.repairs = {{"stinky-tak.service", {3, {}}}}},
     State::degraded,
     {"stinky-tak failed: exit-code, and 3 repairs did not help"}},
    {"StoppedForAFailure",
     {target("inactive"), {failed("stinky-tak.service", "oom-kill")}, {}},
     {.stoppedForFailure = true},
     State::failed,
     {"stinky-tak failed: it ran out of memory", "the rest was stopped (ON_FAILURE=stop)"}},
};

INSTANTIATE_TEST_SUITE_P(Down, JudgeTable, testing::ValuesIn(down), caseName);
INSTANTIATE_TEST_SUITE_P(Starting, JudgeTable, testing::ValuesIn(starting), caseName);
INSTANTIATE_TEST_SUITE_P(Restarting, JudgeTable, testing::ValuesIn(restarting), caseName);
INSTANTIATE_TEST_SUITE_P(Up, JudgeTable, testing::ValuesIn(up), caseName);
INSTANTIATE_TEST_SUITE_P(NotWanted, JudgeTable, testing::ValuesIn(notWanted), caseName);
INSTANTIATE_TEST_SUITE_P(Devices, JudgeTable, testing::ValuesIn(devices), caseName);
INSTANTIATE_TEST_SUITE_P(Repairs, JudgeTable, testing::ValuesIn(repairs), caseName);

TEST(Judge, NamesWhoIsAwaitedSinceWhen) {
    UnitView busy = unit("stinky-scan.service", "activating", "start", "start");
    busy.stateChangeUsec = 998'500'000;
    const Verdict verdict = judge({target("inactive", "start"),
                                   {radio, busy, unit("stinky-tak.service", "inactive", "dead", "start")},
                                   {}},
                                  {}, now);
    EXPECT_EQ(verdict.awaited, (std::vector<Awaited>{{"stinky-scan.service", 998.5}}));
}

TEST(Judge, SaysTheNextStepForTheFirstReasonThatHasOne) {
    UnitView masked = unit("stinky-tak.service", "inactive", "dead");
    masked.loadState = "masked";
    const Verdict verdict = judge(
        {target("active"), {masked, scan}, {part("scan", PartHealth::waiting, "no position")}}, {}, now);
    EXPECT_EQ(verdict.nextStep, "allow it again: systemctl unmask stinky-tak.service");
}

TEST(JoinReasons, CountsWhatItLeavesOut) {
    EXPECT_EQ(joinReasons({}), "");
    EXPECT_EQ(joinReasons({"a", "b"}), "a; b");
    EXPECT_EQ(joinReasons({"a", "b", "c", "d", "e", "f"}), "a; b; c; d and 2 more");
}

TEST(PartOf, FindsTheNearestFile) {
    const UnitView port = unit("stinky-gps@ttyUSB0.service", "active");
    EXPECT_EQ(partOf(port, {}), nullptr);
    EXPECT_EQ(partOf(port, {part("gps@ttyUSB1", PartHealth::ok)}), nullptr);
    EXPECT_EQ(partOf(port, {part("gps", PartHealth::ok), part("gps@ttyUSB0", PartHealth::ok)})->part,
              "gps@ttyUSB0");
    EXPECT_EQ(partOf(port, {part("gps-ttyUSB0", PartHealth::ok)})->part, "gps-ttyUSB0");
    EXPECT_EQ(partOf(port, {part("gps", PartHealth::ok)})->part, "gps");
    EXPECT_TRUE(partBelongsTo("scan", "stinky-scan.service"));
    EXPECT_FALSE(partBelongsTo("sca", "stinky-scan.service"));
    EXPECT_FALSE(partBelongsTo("", "stinky-scan.service"));
}

} // namespace
} // namespace stinky::core
