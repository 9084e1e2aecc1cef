#include "common/error.h"
#include "ctl/status_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace stinky::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* description = R"({
  "version": "0.1.0", "state": "degraded", "reason": "no position: waiting for a GPS fix", "state_age_s": 303.4,
  "units": [
    {"name": "stinky-tak.service", "role": "member", "load_state": "loaded", "active_state": "active",
     "sub_state": "running", "result": "success", "restarts": 2, "part": "tak"},
    {"name": "stinky-scan.service", "role": "member", "load_state": "loaded", "active_state": "active",
     "sub_state": "running", "result": "success", "restarts": 0, "part": "scan"},
    {"name": "stinky-radio@wlan2.service", "role": "member", "load_state": "loaded", "active_state": "active",
     "sub_state": "running", "result": "success", "status_text": "ok: held", "part": null},
    {"name": "stinky-kismet.service", "role": "member", "load_state": "loaded", "active_state": "failed",
     "sub_state": "failed", "result": "oom-kill", "part": null},
    {"name": "stinky-gps@ttyUSB0.service", "role": "attached", "load_state": "loaded", "active_state": "active",
     "sub_state": "exited", "result": "success", "part": null}],
  "parts": [
    {"part": "scan", "state": "waiting", "reason": "no position: waiting for a GPS fix", "stale": false,
     "output_age_s": null, "counters": {"access_points": 1, "frames": 3410}},
    {"part": "tak", "state": "ok", "reason": "sending to 2 outputs", "stale": false, "output_age_s": 2.2,
     "counters": {"events": 40, "outputs": [{"url": "udp://239.2.3.1:6969", "sent": 40, "failed": 0},
                                            {"url": "udp://10.0.0.9:4242", "sent": 20, "failed": 20}]}}]})";

class StatusTableTest : public testing::Test {
protected:
    StatusTableTest() {
        setenv("TZ", "UTC", 1);
        tzset();
    }

    static constexpr std::time_t now = 1764000000; // 2025-11-24 16:00:00 UTC
};

TEST_F(StatusTableTest, ShowsStatePartsAndData) {
    EXPECT_EQ(
        renderStatus(parseDescription(description), {false, 0, now}),
        "● degraded since 15:54:57, for 5 min 3 s\n"
        "  no position: waiting for a GPS fix\n"
        "\n"
        "  PART         UNIT              REPORT   REASON\n"
        "  gps@ttyUSB0  active (exited)   -\n"
        "  radio@wlan2  active (running)  -        ok: held\n"
        "  kismet       failed (failed)   -        failed: oom-kill\n"
        "  scan         active (running)  waiting  no position: waiting for a GPS fix\n"
        "  tak          active (running)  ok       sending to 2 outputs, 2 restarts\n"
        "\n"
        "  GPS    receiver on ttyUSB0\n"
        "  Wi-Fi  1 access point, 3410 frames\n"
        "  TAK    40 events, to udp://239.2.3.1:6969, to udp://10.0.0.9:4242 (20 not sent), last 2 s ago\n");
}

TEST_F(StatusTableTest, CutsLinesToTheScreen) {
    const std::string table = renderStatus(parseDescription(description), {false, 60, now});
    EXPECT_THAT(table, HasSubstr("  scan         active (running)  waiting  no position: wait…\n"));
    EXPECT_THAT(table, HasSubstr("  tak          active (running)  ok       sending to 2 outp…\n"));
    EXPECT_THAT(renderStatus(parseDescription(description), {false, 10, now}), HasSubstr("  scan"));
}

TEST_F(StatusTableTest, ColoursOnlyWhenAsked) {
    EXPECT_THAT(renderStatus(parseDescription(description), {false, 0, now}), Not(HasSubstr("\033")));
    const std::string table = renderStatus(parseDescription(description), {true, 0, now});
    EXPECT_THAT(table, HasSubstr("\033[33m● degraded\033[0m since"));
    EXPECT_THAT(table, HasSubstr("\033[31mfailed (failed)"));
}

TEST_F(StatusTableTest, ShowsAStoppedStack) {
    const auto view = parseDescription(R"({"state":"inactive","reason":"","state_age_s":100000,"units":[
        {"name":"stinky-scan.service","role":"member","load_state":"not-found","active_state":"inactive",
         "sub_state":"dead","result":"success","part":null}]})");
    EXPECT_EQ(renderStatus(view, {false, 0, now}), "● inactive since 2025-11-23 12:13:20, for 1 d 3 h\n"
                                                   "\n"
                                                   "  PART  UNIT             REPORT  REASON\n"
                                                   "  scan  inactive (dead)  -       not installed\n"
                                                   "\n"
                                                   "  GPS    no receiver\n");
}

TEST_F(StatusTableTest, ShowsAPositionWhenSomePartKnowsIt) {
    const auto view = parseDescription(R"({"state":"running","parts":[{"part":"gps","state":"ok","counters":
        {"mode":3,"latitude":48.137154,"longitude":11.576124,"satellites":9}}]})");
    EXPECT_THAT(renderStatus(view, {false, 0, now}),
                HasSubstr("  GPS    3D fix, 48.137154 11.576124, 9 satellites\n"));
}

TEST(ParseDescription, TakesAnythingThatHasAState) {
    EXPECT_THROW(parseDescription(""), Error);
    EXPECT_THROW(parseDescription("[]"), Error);
    EXPECT_THROW(parseDescription("{}"), Error);
    const auto view =
        parseDescription(R"({"state":"running","units":[1,{"name":7}],"parts":{},"reason":null})");
    EXPECT_EQ(view.state, "running");
    EXPECT_EQ(view.units.size(), 1u);
}

TEST(Duration, IsReadAtAGlance) {
    EXPECT_EQ(duration(-1), "0 s");
    EXPECT_EQ(duration(59.9), "59 s");
    EXPECT_EQ(duration(303), "5 min 3 s");
    EXPECT_EQ(duration(7620), "2 h 7 min");
    EXPECT_EQ(duration(273600), "3 d 4 h");
}

} // namespace
} // namespace stinky::ctl
