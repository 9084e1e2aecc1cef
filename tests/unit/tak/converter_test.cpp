#include "common/atomic_file.h"
#include "common/error.h"
#include "sim/cot_check.h"
#include "tak/converter.h"
#include "tak/health.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "temporary_directory.h"
#include "udp_receiver.h"

namespace stinky::tak {
namespace {

class Converting : public ::testing::Test {
protected:
    Settings settings(const std::string& more = "") const {
        Settings all = Settings::from(
            Config::parse("NODE=pi5\nTAK_BEACON=0\nTAK_OUTPUTS=" + receiver_.url() + "\n" + more));
        all.captures = captures_.path();
        all.statusDirectory = status_.path();
        all.checkpoints = status_ / "position";
        return all;
    }

    void append(const std::string& text) {
        std::ofstream(captures_ / "a.wiglecsv", std::ios::app | std::ios::binary) << text;
    }

    sim::CotEvent next() {
        std::optional<std::string> datagram = receiver_.receive(0);
        while (!datagram && loop_.runOnce(std::chrono::seconds(5)))
            datagram = receiver_.receive(0);
        const sim::CotResult result = sim::checkCot(datagram.value_or(""));
        EXPECT_TRUE(std::holds_alternative<sim::CotEvent>(result));
        return std::holds_alternative<sim::CotEvent>(result) ? std::get<sim::CotEvent>(result)
                                                             : sim::CotEvent{};
    }

    nlohmann::json status() const { return nlohmann::json::parse(readFile(status_ / "tak.json")); }

    void turnUntil(const std::function<bool()>& done) {
        while (!done())
            ASSERT_TRUE(loop_.runOnce(std::chrono::seconds(15))) << "nothing happened";
    }

    stinky::test::TemporaryDirectory captures_;
    stinky::test::TemporaryDirectory status_;
    test::UdpReceiver receiver_;
    EventLoop loop_;
};

TEST_F(Converting, AFileOfARealKismetGivesOneEventForEachAccessPoint) {
    const Converter converter(loop_, settings());
    EXPECT_EQ(status().at("state"), "waiting");
    append(readFile(TEST_DATA "/kismet-2026.11.wiglecsv"));
    const sim::CotEvent cafe = next();
    const sim::CotEvent home = next();
    EXPECT_EQ(cafe.callsign, R"(Cafe, Bar & "Grill" <1>)");
    EXPECT_EQ(cafe.uid, "stinky.pi5.wifi.020000000000");
    EXPECT_EQ(home.callsign, "HomeNet");
    EXPECT_EQ(home.latitudeText, "48.117300");
    EXPECT_EQ(home.longitudeText, "11.516667");
    EXPECT_FALSE(receiver_.receive(50)) << "six rows, two access points";
    turnUntil([this] { return status().at("counters").at("rows") == 6; });
    EXPECT_EQ(status().at("state"), "ok");
    EXPECT_EQ(status().at("counters").at("outputs").at(0).at("sent"), 2);
}

TEST_F(Converting, ABadRowCostsItselfAloneAndIsCounted) {
    const Converter converter(loop_, settings());
    append(wigleHeader("x") + "nonsense,,,,,,,,,,,,,\n");
    append("02:00:00:00:00:01,good,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    EXPECT_EQ(next().callsign, "good");
    turnUntil([this] { return status().at("counters").at("rows_rejected").at("bad MAC address") == 1; });
}

TEST_F(Converting, LeavesBluetoothOut) {
    const Converter converter(loop_, settings());
    append(wigleHeader("x") + "02:00:00:00:00:01,tag,Misc [LE],x,0,,-50,1.5,2.5,0,0,,,BLE\n");
    append("02:00:00:00:00:02,ap,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    EXPECT_EQ(next().callsign, "ap");
}

TEST_F(Converting, WithAnOutputThatCannotBeUsedDoesNotStart) {
    EXPECT_THROW(Converter(loop_, settings("TAK_OUTPUTS=udp://1.2.3.4:0")), Error);
}

TEST_F(Converting, HoldsBackWhatIsMoreThanTheRateAndSendsItThen) {
    const Converter converter(loop_, settings("TAK_RATE=2"));
    std::string rows = wigleHeader("x");
    for (int i = 0; i < 4; ++i)
        rows += "02:00:00:00:00:0" + std::to_string(i) + ",n" + std::to_string(i) +
                ",[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n";
    append(rows);
    EXPECT_EQ(next().callsign, "n0");
    EXPECT_EQ(next().callsign, "n1");
    turnUntil([this] { return status().at("counters").at("rows") == 4; });
    EXPECT_EQ(next().callsign, "n2");
    EXPECT_EQ(next().callsign, "n3");
}

TEST_F(Converting, AfterARestartKnowsItsTracksAndTakesNoRowTwice) {
    append(wigleHeader("x") + "02:00:00:00:00:01,one,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    {
        Converter converter(loop_, settings());
        EXPECT_EQ(next().callsign, "one");
        converter.finish();
    }
    append("02:00:00:00:00:02,two,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    const Converter converter(loop_, settings());
    EXPECT_EQ(next().callsign, "one") << "it may not have arrived";
    EXPECT_EQ(next().callsign, "two");
    turnUntil([this] { return status().at("counters").at("rows") == 1; });
    EXPECT_EQ(status().at("counters").at("tracks"), 2);
    EXPECT_EQ(status().at("counters").at("events"), 2);
}

TEST_F(Converting, AfterARestartLeavesWhatIsStaleWhereItIs) {
    append(wigleHeader("x") + "02:00:00:00:00:01,one,[ESS],x,1,2412,-40,1.5,2.5,0,0,,,WIFI\n");
    {
        Converter converter(loop_, settings());
        EXPECT_EQ(next().callsign, "one");
        converter.finish();
    }
    nlohmann::json kept = nlohmann::json::parse(readFile(status_ / "position"));
    kept["checkpoints"][0]["time"] = kept["checkpoints"][0]["time"].get<double>() - 1000;
    std::ofstream(status_ / "position") << kept;
    const Converter converter(loop_, settings());
    append("02:00:00:00:00:02,two,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    EXPECT_EQ(next().callsign, "two");
    // Its position still is known.
    append("02:00:00:00:00:01,one,[ESS],x,1,2412,-90,1.5005,2.5,0,0,,,WIFI\n");
    const sim::CotEvent one = next();
    EXPECT_EQ(one.callsign, "one");
    EXPECT_NEAR(one.latitude, 1.5, 0.0001);
}

TEST_F(Converting, WithACheckpointThatIsNoneStartsAnew) {
    std::ofstream(status_ / "position") << R"({"checkpoints":[{"time":"x"}]})";
    append(wigleHeader("x") + "02:00:00:00:00:01,one,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    const Converter converter(loop_, settings());
    EXPECT_EQ(next().callsign, "one");
}

TEST_F(Converting, ReplaysAFileAndEnds) {
    append(wigleHeader("x") + "02:00:00:00:00:01,one,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n"
                              "02:00:00:00:00:02,two,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI");
    Settings replay = settings();
    replay.replay = captures_ / "a.wiglecsv";
    replay.checkpoints.clear();
    const Converter converter(loop_, replay);
    EXPECT_EQ(loop_.run(), 0);
    EXPECT_NE(receiver_.receive(0).value_or("").find("callsign=\"one\""), std::string::npos);
    EXPECT_NE(receiver_.receive(0).value_or("").find("callsign=\"two\""), std::string::npos)
        << "also the last line, which has no end";
}

TEST_F(Converting, ReplaysAtThePaceAtWhichItWasRecorded) {
    append(wigleHeader("x") +
           "02:00:00:00:00:01,one,[ESS],2026-06-27 12:45:00,1,2412,-50,1.5,2.5,0,0,,,WIFI\n"
           "02:00:00:00:00:02,two,[ESS],2026-06-27 12:45:20,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    Settings replay = settings();
    replay.replay = captures_ / "a.wiglecsv";
    replay.speed = 10;
    const double begin = monotonicSeconds();
    const Converter converter(loop_, replay);
    EXPECT_EQ(next().callsign, "one");
    EXPECT_LT(monotonicSeconds() - begin, 1.9);
    EXPECT_EQ(next().callsign, "two");
    EXPECT_GE(monotonicSeconds() - begin, 1.9);
}

TEST(RecordedTime, IsUtc) {
    EXPECT_EQ(recordedTime("1970-01-02 00:00:01"), 86401);
    EXPECT_EQ(recordedTime("2026-06-27 12:45:09"), 1782564309);
    for (const char* text : {"", "2026-06-27T12:45:09", "2026-13-27 12:45:09", "2026-06-27 1x:45:09", "x"})
        EXPECT_EQ(recordedTime(text), 0) << text;
}

TEST(Checkpoints, KeepThoseOfTheLastTenMinutesAndOneBefore) {
    Checkpoints checkpoints("");
    for (int i = 0; i <= 100; ++i)
        checkpoints.add({i * 10.0, {"/a", 1, i}});
    EXPECT_EQ(checkpoints.all().size(), 61U);
    EXPECT_EQ(checkpoints.all().front().time, 400);
    EXPECT_EQ(Checkpoints::parse(checkpoints.text()), checkpoints.all());
    EXPECT_TRUE(Checkpoints::parse("nonsense").empty());
    EXPECT_TRUE(
        Checkpoints::parse(R"({"checkpoints":[{"time":1,"file":"/a","inode":1,"offset":-1}]})").empty());
}

TEST(Summary, PutsWhatDoesNotWorkFirst) {
    PartReport gps;
    gps.part = "gps";
    gps.state = PartState::ok;
    PartReport scan;
    scan.part = "scan";
    scan.state = PartState::waiting;
    scan.reason = "no position";
    PartReport radio = gps;
    radio.part = "radio";
    EXPECT_EQ(summarise({{gps, 1}, {scan, 1}}).text, "scan waiting (no position), gps ok");
    EXPECT_EQ(summarise({{gps, 1}, {scan, 1}}).state, "waiting");
    EXPECT_EQ(summarise({{gps, 1}, {radio, 31}}).text, "radio fault (silent), gps ok");
    EXPECT_EQ(summarise({}).state, "ok");
}

} // namespace
} // namespace stinky::tak
