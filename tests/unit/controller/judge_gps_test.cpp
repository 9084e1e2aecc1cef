#include "controller/judge_table.h"

namespace stinky::core {
namespace {

const Case gps[] = {
    {"PortWithoutDongle",
     {target("active"), {scan, attached(unit("stinky-gps@ttyUSB0.service", "inactive", "dead"))}, {}},
     {},
     State::running,
     {}},
    {"OnlyPortFailed",
     {target("active"), {scan, attached(failed("stinky-gps@ttyUSB0.service", "exit-code"))}, {}},
     {},
     State::degraded,
     {"stinky-gps@ttyUSB0 failed: exit-code"}},
    {"AnotherPortServes",
     {target("active"), {scan, attached(failed("stinky-gps@ttyUSB1.service", "exit-code")), gpsPort}, {}},
     {},
     State::running,
     {}},
};

UnitView display(std::string active, std::string sub = "", std::uint32_t restarts = 0) {
    UnitView view = unit("stinky-cgps.service", std::move(active), std::move(sub));
    view.restarts = restarts;
    return view;
}

const Case optional[] = {
    {"FailedIsNoDefect",
     {target("active"), {scan, failed("stinky-cgps.service", "start-limit-hit")}, {}},
     {},
     State::running,
     {}},
    {"MaskedIsNoDefect",
     {target("active"),
      {scan,
       [] {
           UnitView view = display("inactive", "dead");
           view.loadState = "masked";
           return view;
       }()},
      {}},
     {},
     State::running,
     {}},
    {"NotRunningIsNoDefect",
     {target("active"), {scan, display("inactive", "dead")}, {}},
     {},
     State::running,
     {}},
    {"ItsReportIsNoDefect",
     {target("active"), {scan, display("active")}, {part("cgps", PartHealth::fault, "no console")}},
     {},
     State::running,
     {}},
    {"StartingAnewIsNoStart",
     {target("active"), {scan, display("activating", "start", 1)}, {}},
     {},
     State::running,
     {}},
    {"StartingIsNoStart",
     {target("active"), {scan, display("activating", "start")}, {}},
     {},
     State::running,
     {}},
    {"AStartOfTheStackWaitsForIt",
     {target("inactive", "start"), {scan, display("activating", "start")}, {}},
     {},
     State::starting,
     {"waiting for stinky-cgps"}},
    {"HidesNoDefectOfAnother",
     {target("active"),
      {failed("stinky-cgps.service", "exit-code"), failed("stinky-tak.service", "watchdog")},
      {}},
     {},
     State::degraded,
     {"stinky-tak failed: it hung"}},
    {"FailedInAStackThatIsDown",
     {target("inactive"), {failed("stinky-cgps.service", "exit-code")}, {}},
     {},
     State::inactive,
     {}},
    {"AStopWaitsForIt",
     {target("inactive"), {display("deactivating")}, {}},
     {},
     State::stopping,
     {"waiting for the end of stinky-cgps"}},
};

INSTANTIATE_TEST_SUITE_P(Gps, JudgeTable, testing::ValuesIn(gps), caseName);
INSTANTIATE_TEST_SUITE_P(Optional, JudgeTable, testing::ValuesIn(optional), caseName);

} // namespace
} // namespace stinky::core
