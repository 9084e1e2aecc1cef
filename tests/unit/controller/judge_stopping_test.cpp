#include "controller/judge_table.h"

namespace stinky::core {
namespace {

const Case stopping[] = {
    {"AskedFor",
     {target("active"), {scan}, {}},
     {.stopPending = true},
     State::stopping,
     {"waiting for systemd"}},
    {"MembersGoAfterTheTarget",
     {target("inactive"),
      {unit("stinky-scan.service", "deactivating", "stop-sigterm", "stop"),
       unit("stinky-radio@wlan2.service", "active", "running", "stop")},
      {}},
     {},
     State::stopping,
     {"waiting for the end of stinky-scan"}},
    {"DuringAStart",
     {target("inactive", "stop"), {unit("stinky-scan.service", "activating", "start", "stop")}, {}},
     {},
     State::stopping,
     {"waiting for the end of stinky-scan"}},
    {"TargetDeactivating", {target("deactivating"), {}, {}}, {}, State::stopping, {"waiting for systemd"}},
};

INSTANTIATE_TEST_SUITE_P(Stopping, JudgeTable, testing::ValuesIn(stopping), caseName);

} // namespace
} // namespace stinky::core
