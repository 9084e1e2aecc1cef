#include "common/atomic_file.h"
#include "common/error.h"
#include "sim/cot_check.h"
#include "tak/converter.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "temporary_directory.h"
#include "udp_receiver.h"

namespace stinky::tak {
namespace {

class Converting : public ::testing::Test {
protected:
    Config config() const { return Config::parse("NODE=pi5\nTAK_OUTPUTS=" + receiver_.url() + "\n"); }

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
    const Converter converter(loop_, config(), captures_.path(), status_.path());
    EXPECT_EQ(status().at("state"), "waiting");
    append(readFile(TEST_DATA "/kismet-2026.11.wiglecsv"));
    const sim::CotEvent cafe = next();
    const sim::CotEvent home = next();
    EXPECT_EQ(cafe.callsign, R"(Cafe, Bar & \"Grill\" <1>)");
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
    const Converter converter(loop_, config(), captures_.path(), status_.path());
    append(wigleHeader("x") + "nonsense,,,,,,,,,,,,,\n");
    append("02:00:00:00:00:01,good,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    EXPECT_EQ(next().callsign, "good");
    turnUntil([this] { return status().at("counters").at("rows_rejected").at("bad MAC address") == 1; });
}

TEST_F(Converting, LeavesBluetoothOut) {
    const Converter converter(loop_, config(), captures_.path(), status_.path());
    append(wigleHeader("x") + "02:00:00:00:00:01,tag,Misc [LE],x,0,,-50,1.5,2.5,0,0,,,BLE\n");
    append("02:00:00:00:00:02,ap,[ESS],x,1,2412,-50,1.5,2.5,0,0,,,WIFI\n");
    EXPECT_EQ(next().callsign, "ap");
}

TEST_F(Converting, WithAnOutputThatCannotBeUsedDoesNotStart) {
    const Config bad = Config::parse("TAK_OUTPUTS=udp://1.2.3.4:0");
    EXPECT_THROW(Converter(loop_, bad, captures_.path(), status_.path()), Error);
}

} // namespace
} // namespace stinky::tak
