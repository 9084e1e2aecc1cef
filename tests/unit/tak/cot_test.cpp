#include "sim/cot_check.h"
#include "tak/cot.h"

#include <gtest/gtest.h>

#include <random>

namespace stinky::tak {
namespace {

const WallTime moment{std::chrono::milliseconds(1782564309120)}; // 2026-06-27T12:45:09.120Z

WigleRow row(const std::string& ssid = "HomeNet") {
    WigleRow r;
    r.bssid.octets = {2, 0x11, 0x22, 0x33, 0x44, 0x55};
    r.ssid = ssid;
    r.authMode = "[WPA2-PSK-CCMP][ESS]";
    r.channel = 6;
    r.frequencyMHz = 2437;
    r.rssi = -61;
    r.latitude = 48.1173;
    r.longitude = -122.330001;
    r.accuracy = 7.6;
    r.type = "WIFI";
    return r;
}

sim::CotEvent checked(const std::string& text) {
    const sim::CotResult result = sim::checkCot(text);
    const auto* event = std::get_if<sim::CotEvent>(&result);
    EXPECT_NE(event, nullptr) << text << "\n" << (event ? "" : std::get<sim::CotDefect>(result).reason);
    return event != nullptr ? *event : sim::CotEvent{};
}

TEST(CotTime, IsUtcWithMilliseconds) {
    EXPECT_EQ(cotTime(moment), "2026-06-27T12:45:09.120Z");
}

TEST(CotEvent, HoldsWhatTheRowSays) {
    const sim::CotEvent event = checked(cotEvent("pi5", row(), moment));
    EXPECT_EQ(event.uid, "stinky.pi5.wifi.021122334455");
    EXPECT_EQ(event.type, "b-m-p-s-m");
    EXPECT_EQ(event.how, "m-g");
    EXPECT_EQ(event.start, "2026-06-27T12:45:09.120Z");
    EXPECT_EQ(event.stale, "2026-06-27T12:55:09.120Z");
    EXPECT_EQ(event.latitudeText, "48.117300");
    EXPECT_EQ(event.longitudeText, "-122.330001");
    EXPECT_EQ(event.callsign, "HomeNet");
    EXPECT_NE(event.remarks.find("02:11:22:33:44:55 ch 6 -61 dBm [WPA2-PSK-CCMP][ESS]"), std::string::npos);
    EXPECT_TRUE(event.warnings.empty());
}

TEST(CotEvent, EscapesANameThatIsMarkup) {
    const sim::CotEvent event = checked(cotEvent("pi5", row(R"(Cafe, Bar & "Grill" <1>)"), moment));
    EXPECT_EQ(event.callsign, R"(Cafe, Bar & "Grill" <1>)");
}

TEST(CotEvent, NamesAHiddenNetworkByItsAddress) {
    EXPECT_EQ(checked(cotEvent("pi5", row(""), moment)).callsign, "02:11:22:33:44:55");
    EXPECT_EQ(checked(cotEvent("pi5", row("\x01\x02"), moment)).callsign, "02:11:22:33:44:55");
}

TEST(CotEvent, NeverLetsTheAirChooseTheUid) {
    const sim::CotEvent event =
        checked(cotEvent("pi5", row("\"/><event uid=\"ANDROID-1\"><point lat=\"0"), moment));
    EXPECT_EQ(event.uid, "stinky.pi5.wifi.021122334455");
}

TEST(CotEvent, IsWellFormedAndSmallWhateverTheNameIs) {
    std::mt19937 random(20261124);
    for (int i = 0; i < 3000; ++i) {
        std::string ssid(random() % 65, ' ');
        for (char& c : ssid)
            c = i % 3 == 0 ? '&' : static_cast<char>(random());
        WigleRow r = row(ssid);
        r.authMode = i % 5 == 0 ? std::string(4000, '"') : ssid;
        const std::string event = cotEvent("pi5", r, moment);
        EXPECT_LE(event.size(), largestEvent);
        EXPECT_EQ(checked(event).uid, "stinky.pi5.wifi.021122334455");
    }
}

TEST(CircularError, GrowsWithDistanceAndIsNeverZero) {
    EXPECT_LT(circularError(5, -40), circularError(5, -70));
    EXPECT_LT(circularError(5, -70), circularError(25, -70));
    EXPECT_GT(circularError(0, 0), 50);
    EXPECT_LE(circularError(5, -200), 505);
}

} // namespace
} // namespace stinky::tak
