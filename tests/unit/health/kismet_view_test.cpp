#include "common/atomic_file.h"
#include "common/error.h"
#include "health/kismet_view.h"

#include <gmock/gmock.h>

namespace stinky::health {
namespace {

using ::testing::HasSubstr;

std::string recorded(const char* name) {
    return readFile(std::string(TEST_DATA "/kismet-2026.11/") + name);
}

constexpr const char* openLog =
    R"([{"kismet.logfile.uuid":"U1","kismet.logfile.path":"/c/a-1.wiglecsv","kismet.logfile.open":0},)"
    R"({"kismet.logfile.uuid":"U2","kismet.logfile.path":"/c/a-2.wiglecsv","kismet.logfile.open":1},)"
    R"({"kismet.logfile.uuid":"U3","kismet.logfile.path":"/c/a-1.kismet","kismet.logfile.open":1}])";

KismetSource source(std::uint64_t packets) {
    return {"U", "wlan2", true, false, "", packets};
}

TEST(KismetView, ReadsTheSourcesOfARealKismet) {
    const auto sources = parseKismetSources(recorded("datasource_all_sources.json"));
    ASSERT_EQ(sources.size(), 1U);
    EXPECT_EQ(sources.front(),
              (KismetSource{"5FE308BD-0000-0000-0000-020000000200", "wlan2", true, false, "", 440}));
}

TEST(KismetView, ReadsTheStateOfARealKismet) {
    const KismetSystem system = parseKismetSystem(recorded("system_status.json"));
    EXPECT_EQ(system, (KismetSystem{2, 29248, "2026.11.0-328b98f7c"}));
}

TEST(KismetView, TakesOpenWigleLogsOnly) {
    EXPECT_EQ(parseKismetLogs(openLog), (std::vector<KismetLog>{{"U2", "/c/a-2.wiglecsv"}}));
    EXPECT_TRUE(parseKismetLogs("[]").empty());
}

TEST(KismetView, TakesTheBestReceiver) {
    EXPECT_EQ(parseKismetGps(
                  R"([{"kismet.gps.connected":1,"kismet.gps.location":{"kismet.common.location.fix":2}},)"
                  R"({"kismet.gps.connected":1,"kismet.gps.location":{"kismet.common.location.fix":3}},)"
                  R"({"kismet.gps.connected":0,"kismet.gps.location":{"kismet.common.location.fix":3}}])"),
              (KismetGps{true, 3}));
    EXPECT_EQ(parseKismetGps("[]"), KismetGps{});
    EXPECT_EQ(parseKismetGps(R"([{"kismet.gps.connected":1,"kismet.gps.location":0}])"),
              (KismetGps{true, 0}))
        << "Kismet says 0 for what it does not have";
}

TEST(KismetView, RefusesWhatIsNoAnswer) {
    for (const char* text : {"", "[", "{}", "7", "\"[]\"", "[1,2", "\xff"}) {
        EXPECT_THROW(parseKismetSources(text), Error) << text;
        EXPECT_THROW(parseKismetLogs(text), Error) << text;
        EXPECT_THROW(parseKismetGps(text), Error) << text;
    }
    EXPECT_THROW(parseKismetSystem("[]"), Error);
    EXPECT_TRUE(parseKismetSources("[1,null,[],\"x\"]").empty());
    const auto odd =
        parseKismetSources(R"([{"kismet.datasource.running":"1","kismet.datasource.num_packets":-4}])");
    ASSERT_EQ(odd.size(), 1U);
    EXPECT_EQ(odd.front(), KismetSource{});
    const auto lines = parseKismetSources(R"([{"kismet.datasource.error_reason":"no\nSTATUS=ok"}])");
    EXPECT_EQ(lines.front().errorReason, "noSTATUS=ok") << "one line, whatever an interface is called";
}

TEST(PacketWatch, NeedsARiseOfARunningSource) {
    PacketWatch watch;
    watch.observe({source(440)}, 10);
    EXPECT_EQ(watch.age(11), std::nullopt) << "440 may be old";
    watch.observe({source(440)}, 15);
    EXPECT_EQ(watch.age(15), std::nullopt);
    watch.observe({source(441)}, 20);
    EXPECT_EQ(watch.age(23), 3);
    watch.observe({source(3)}, 30);
    EXPECT_EQ(watch.age(30), 10) << "opened anew, nothing delivered yet";
    KismetSource broken = source(9);
    broken.error = true;
    watch.observe({broken}, 40);
    EXPECT_EQ(watch.age(40), 20);
    EXPECT_EQ(watch.total(), 9U);
}

struct JudgeTest : ::testing::Test {
    JudgeTest() {
        watch.observe({source(1)}, 100);
        watch.observe({source(2)}, 110);
        picture.sources = {source(2)};
        picture.logs = parseKismetLogs(openLog);
        picture.gps = KismetGps{true, 3};
        picture.system = KismetSystem{7, 40000, "2026.11"};
    }

    Finding judge(double now = 111) { return judgeKismet(picture, watch, now, 60); }

    KismetPicture picture;
    PacketWatch watch;
};

TEST_F(JudgeTest, FlowsWhenPacketsRiseAndTheLogIsOpen) {
    const Finding finding = judge();
    EXPECT_TRUE(finding.flows);
    EXPECT_EQ(finding.state, PartState::ok);
    EXPECT_EQ(finding.reason, "Kismet captures on wlan2");
    EXPECT_EQ(finding.inputAge, 1);
    EXPECT_EQ(finding.counters["packets"], 2);
    EXPECT_EQ(finding.counters["devices"], 7);
    EXPECT_EQ(finding.counters["memory_kb"], 40000);
    EXPECT_EQ(finding.counters["gps_fix"], 3);
    EXPECT_EQ(finding.counters["capture"], "/c/a-2.wiglecsv");
}

TEST_F(JudgeTest, WaitsForTheFirstPackets) {
    watch = {};
    const Finding finding = judge();
    EXPECT_FALSE(finding.flows);
    EXPECT_EQ(finding.state, PartState::waiting);
    EXPECT_EQ(finding.reason, "Kismet waits for the first packets of wlan2");
}

TEST_F(JudgeTest, DoesNotFlowWhenPacketsStandStill) {
    EXPECT_TRUE(judge(170).flows);
    const Finding finding = judge(171);
    EXPECT_FALSE(finding.flows);
    EXPECT_EQ(finding.state, PartState::fault);
    EXPECT_EQ(finding.reason, "Kismet has had no packet from wlan2 for more than 60 s");
}

TEST_F(JudgeTest, TellsWhyASourceDoesNotRun) {
    picture.sources.front().running = false;
    picture.sources.front().error = true;
    picture.sources.front().errorReason = "interface wlan2 vanished";
    const Finding finding = judge();
    EXPECT_FALSE(finding.flows);
    EXPECT_EQ(finding.reason, "Kismet cannot capture on wlan2: interface wlan2 vanished");
}

TEST_F(JudgeTest, MissesASource) {
    picture.sources.clear();
    EXPECT_FALSE(judge().flows);
    EXPECT_EQ(judge().reason, "Kismet has no source to capture from");
}

TEST_F(JudgeTest, MissesTheLog) {
    picture.logs->clear();
    EXPECT_FALSE(judge().flows);
    EXPECT_THAT(judge().reason, HasSubstr("no wiglecsv log open"));
    picture.logs.reset();
    EXPECT_TRUE(judge().flows) << "an older Kismet does not tell";
}

TEST_F(JudgeTest, IsDegradedWhenTheDiskIsNearlyFull) {
    picture.logs->clear();
    picture.withheld = "nothing is captured: 3 MB are free";
    EXPECT_TRUE(judge().flows) << "a restart would not help";
    EXPECT_EQ(judge().state, PartState::degraded);
    EXPECT_EQ(judge().reason, "nothing is captured: 3 MB are free");
}

TEST_F(JudgeTest, FlowsWithoutAPositionAndSaysSo) {
    picture.gps = KismetGps{true, 1};
    EXPECT_TRUE(judge().flows);
    EXPECT_EQ(judge().state, PartState::waiting);
    EXPECT_EQ(judge().reason, "no position: Kismet waits for a GPS fix");
    picture.gps = KismetGps{};
    EXPECT_EQ(judge().reason, "no position: Kismet is not connected to gpsd");
}

TEST_F(JudgeTest, TellsARefusedLoginFromAKismetThatDoesNotAnswer) {
    picture.refused = true;
    EXPECT_FALSE(judge().flows);
    EXPECT_THAT(judge().reason, HasSubstr("refuses our login"));
    picture = {};
    picture.problem = "Kismet does not answer on http://127.0.0.1:2501: Timeout was reached";
    EXPECT_FALSE(judge().flows);
    EXPECT_EQ(judge().reason, picture.problem);
    EXPECT_EQ(judge().state, PartState::fault);
}

} // namespace
} // namespace stinky::health
