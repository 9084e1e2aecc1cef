#include "common/error.h"
#include "ctl/status_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <sstream>

namespace stinky::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* description = R"({
  "version": "0.1.0", "state": "degraded", "reason": "no position: waiting for a GPS fix", "state_age_s": 303.4, "next_step": "look why: stinkyctl logs kismet",
  "disk": {"free_bytes": 12345678901, "captures": 2, "capture_bytes": 2048},
  "units": [
    {"name": "stinky-tak.service", "role": "member", "load_state": "loaded", "active_state": "active",
     "sub_state": "running", "result": "success", "restarts": 2, "state_age_s": 71, "part": "tak"},
    {"name": "stinky-scan.service", "role": "member", "load_state": "loaded", "active_state": "active",
     "sub_state": "running", "result": "success", "restarts": 0, "part": "scan"},
    {"name": "stinky-radio@wlan2.service", "role": "member", "load_state": "loaded", "active_state": "active",
     "sub_state": "running", "result": "success", "status_text": "ok: held", "part": null},
    {"name": "stinky-kismet.service", "role": "member", "load_state": "loaded", "active_state": "failed",
     "sub_state": "failed", "result": "oom-kill", "trouble": "it ran out of memory", "part": null},
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
    EXPECT_EQ(renderStatus(parseDescription(description), {}, now),
              "● degraded since 15:54:57, for 5 min 3 s\n"
              "  no position: waiting for a GPS fix\n"
              "  → look why: stinkyctl logs kismet\n"
              "\n"
              "  PART         STATE    FOR         REASON\n"
              "  gps@ttyUSB0  active   -\n"
              "  radio@wlan2  active   -           held\n"
              "  kismet       failed   -           it ran out of memory\n"
              "  scan         waiting  -           no position: waiting for a GPS fix\n"
              "  tak          ok       1 min 11 s  sending to 2 outputs, 2 restarts\n"
              "\n"
              "  GPS    receiver on ttyUSB0\n"
              "  Wi-Fi  1 access point, 3410 frames\n"
              "  TAK    40 events, last 2 s ago\n"
              "         udp://239.2.3.1:6969, 40 sent\n"
              "         udp://10.0.0.9:4242, 20 sent, 20 not sent\n"
              "  Disk   12.3 GB free, 2 captures of 2.0 kB\n");
}

TEST_F(StatusTableTest, WhatAnOutputSaysCannotSteerTheTerminal) {
    const std::string table = renderStatus(
        parseDescription(
            R"({"state":"running","units":[],"parts":[{"part":"tak","state":"ok","counters":{"events":1,"outputs":[)"
            R"({"url":"udp://a:1\u001b[2J","error":"\u001b]0;x\u0007refused"}]}}]})"),
        {}, now);
    EXPECT_NE(table.find("refused"), std::string::npos);
    EXPECT_EQ(table.find('\x1b'), std::string::npos);
    EXPECT_EQ(table.find('\a'), std::string::npos);
}

TEST_F(StatusTableTest, WhatAControllerElsewhereSaysCannotSteerTheTerminal) {
    const std::string table = renderStatus(
        parseDescription(
            R"({"state":"running","reason":"\u001b[2J","next_step":"\u009b2J","radios":[{"reason":"\u001b[2J"}],)"
            R"("units":[{"name":"stinky-\u001b[2J.service","active_state":"failed","trouble":"\u001b[2J"}]})"),
        {}, now);
    EXPECT_EQ(table.find('\x1b'), std::string::npos);
    EXPECT_EQ(table.find("\xc2\x9b"), std::string::npos);
}

TEST_F(StatusTableTest, FitsTheScreen) {
    for (const std::size_t width : {80u, 60u, 40u, 20u}) {
        const std::string table = renderStatus(parseDescription(description), {false, width}, now);
        std::istringstream lines(table);
        // The line with the state is never cut: it is why one looks.
        for (std::string line; std::getline(lines, line);)
            if (!line.starts_with("●")) {
                EXPECT_LE(columns(line), width) << line;
            }
    }
    const std::string narrow = renderStatus(parseDescription(description), {false, 40}, now);
    EXPECT_THAT(narrow, HasSubstr("  PART         STATE    REASON\n")) << "no room for times";
    EXPECT_THAT(narrow, HasSubstr("  scan         waiting  no position: wa…\n"));
}

TEST_F(StatusTableTest, ColoursOnlyWhenAsked) {
    EXPECT_THAT(renderStatus(parseDescription(description), {}, now), Not(HasSubstr("\033")));
    const std::string table = renderStatus(parseDescription(description), {true, 0}, now);
    EXPECT_THAT(table, HasSubstr("\033[33m● degraded\033[0m since"));
    EXPECT_THAT(table, HasSubstr("\033[31mfailed\033[0m"));
}

TEST_F(StatusTableTest, ShowsAStoppedStack) {
    const auto view = parseDescription(R"({"state":"inactive","reason":"","state_age_s":100000,"units":[
        {"name":"stinky-scan.service","role":"member","load_state":"not-found","active_state":"inactive",
         "sub_state":"dead","result":"success","trouble":"it is not installed","part":null},
        {"name":"stinky-kismet.service","role":"bound","active_state":"inactive"}]})");
    EXPECT_EQ(renderStatus(view, {}, now), "● inactive since 2025-11-23 12:13:20, for 1 d 3 h\n"
                                           "\n"
                                           "  PART  STATE    FOR  REASON\n"
                                           "  scan  missing  -    it is not installed\n"
                                           "\n"
                                           "  GPS    no receiver\n");
}

TEST(Columns, AreThoseOfTheScreenAndNotTheLetters) {
    const std::map<const char*, std::size_t> table = {
        {"", 0},   {"abc", 3},        {"Größe…", 6},   {"中文", 4}, {"한", 2},
        {"📡x", 3}, {"e\xcc\x81x", 2}, {"\xff\xfe", 2}, {"█→", 2},   {"\xe4\xb8", 1}};
    for (const auto& [text, wide] : table)
        EXPECT_EQ(columns(text), wide) << text;
    EXPECT_EQ(cut("中文网络", 8), "中文网络");
    EXPECT_EQ(cut("中文网络", 7), "中文网…");
    EXPECT_EQ(cut("中文网络", 6), "中文…") << "no half of a letter";
    EXPECT_EQ(cut("e\xcc\x81xyz", 3), "e\xcc\x81x…") << "the accent stays with its letter";
    EXPECT_EQ(cut("中", 1), "…");
    EXPECT_EQ(cut("中", 0), "");
    EXPECT_EQ(padded("中", 4), "中  ");
    EXPECT_EQ(textTable({"A", "B"}, {{{"中文"}, {"x"}}, {{"abc"}, {"y"}}}, {}), "  A     B\n"
                                                                                "  中文  x\n"
                                                                                "  abc   y\n");
}

TEST(Clearing, IsForATerminalOnly) {
    EXPECT_EQ(clearing({}), "");
    EXPECT_EQ(clearing({false, 80, true}), "\033[H\033[2J");
}

TEST(Wrapped, BreaksAtBlanks) {
    EXPECT_EQ(wrapped("one two three", 2, 0), "  one two three\n");
    EXPECT_EQ(wrapped("one two three", 2, 10), "  one two\n  three\n");
    EXPECT_EQ(wrapped("extraordinarily", 2, 10), "  extraor…\n");
}

TEST_F(StatusTableTest, ShowsAPositionWhenSomePartKnowsIt) {
    const auto view = parseDescription(R"({"state":"running","parts":[{"part":"gps","state":"ok","counters":
        {"mode":3,"latitude":48.137154,"longitude":11.576124,"satellites":9}}]})");
    EXPECT_THAT(renderStatus(view, {}, now),
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
