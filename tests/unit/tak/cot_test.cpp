#include "sim/cot_check.h"
#include "tak/cot.h"

#include <gmock/gmock.h>

#include <random>

namespace stinky::tak {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const WallTime moment{std::chrono::milliseconds(1782564309120)}; // 2026-06-27T12:45:09.120Z

WigleView row(std::string_view ssid = "HomeNet") {
    WigleView r;
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

std::string eventOf(const WigleView& r, double age = 0, TrackRules rules = {}) {
    rules.clients = true;
    Tracks tracks(std::move(rules), 1);
    const auto slot = tracks.see(r, 0);
    CotWriter writer("pi5");
    std::string out(largestEvent, '\0');
    out.resize(writer.write(out, tracks.at(slot.value_or(0)), moment, age));
    return out;
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

TEST(UidName, HoldsNothingThatAUidMustNot) {
    EXPECT_EQ(uidName("pi5.example.org"), "pi5-example-org");
    EXPECT_EQ(uidName("a\"/><b"), "a----b");
    EXPECT_EQ(uidName(""), "node");
    EXPECT_EQ(uidName(std::string(100, 'x')).size(), 63U);
}

TEST(CotEvent, HoldsWhatTheRowSays) {
    const std::string text = eventOf(row());
    const sim::CotEvent event = checked(text);
    EXPECT_EQ(event.uid, "stinky.pi5.wifi.021122334455");
    EXPECT_EQ(event.type, "b-m-p-s-m");
    EXPECT_EQ(event.how, "m-g");
    EXPECT_EQ(event.time, "2026-06-27T12:45:09.120Z");
    EXPECT_EQ(event.start, "2026-06-27T12:45:09.120Z");
    EXPECT_EQ(event.stale, "2026-06-27T12:55:09.120Z");
    EXPECT_EQ(event.latitudeText, "48.117300");
    EXPECT_EQ(event.longitudeText, "-122.330001");
    EXPECT_EQ(event.hae, 9999999);
    EXPECT_EQ(event.le, 9999999);
    EXPECT_GT(event.ce, 7.6);
    EXPECT_EQ(event.callsign, "HomeNet");
    EXPECT_EQ(event.remarks, "02:11:22:33:44:55 ch 6 -61 dBm [WPA2-PSK-CCMP][ESS], heard at this position");
    EXPECT_THAT(text, HasSubstr(R"(<__stinky bssid="02:11:22:33:44:55" rssi="-61" best="-61" channel="6" )"
                                R"(frequency="2437" places="1" sightings="1"/>)"));
    EXPECT_THAT(text, HasSubstr(R"(<color argb="-256"/>)"));
    EXPECT_THAT(event.warnings, IsEmpty());
}

TEST(CotEvent, GoesStaleTenMinutesAfterTheAccessPointWasHeard) {
    EXPECT_EQ(checked(eventOf(row(), 240.5)).stale, "2026-06-27T12:51:08.620Z");
}

TEST(CotEvent, SaysThatAPositionIsAnEstimate) {
    Tracks tracks({}, 1);
    WigleView r = row();
    tracks.see(r, 0);
    r.latitude += 0.001;
    const auto slot = tracks.see(r, 1);
    ASSERT_TRUE(slot);
    std::string out(largestEvent, '\0');
    out.resize(CotWriter("pi5").write(out, tracks.at(*slot), moment, 0));
    EXPECT_EQ(checked(out).how, "m-r");
    EXPECT_THAT(checked(out).remarks, HasSubstr("from 2 places, 2 sightings"));
}

TEST(CotEvent, WritesPositionsToTheSixthPlaceWhereverTheyAre) {
    for (const auto& [lat, lon, latText, lonText] : {std::tuple{0.0, 0.0, "0.000000", "0.000000"},
                                                     {-0.0000004, 0.0000006, "0.000000", "0.000001"},
                                                     {-33.868820, 151.209290, "-33.868820", "151.209290"},
                                                     {89.999999, -179.999999, "89.999999", "-179.999999"},
                                                     {-0.5, -0.25, "-0.500000", "-0.250000"}}) {
        WigleView r = row();
        r.latitude = lat;
        r.longitude = lon;
        EXPECT_EQ(checked(eventOf(r)).latitudeText, latText);
        EXPECT_EQ(checked(eventOf(r)).longitudeText, lonText);
    }
}

TEST(CotEvent, EscapesANameThatIsMarkup) {
    EXPECT_EQ(checked(eventOf(row(R"(Cafe, Bar & "Grill" <1>)"))).callsign, R"(Cafe, Bar & "Grill" <1>)");
}

TEST(CotEvent, NamesAHiddenNetworkByItsAddress) {
    for (const char* name : {"", "\x01\x02", " ", "\u202e\u200f"})
        EXPECT_EQ(checked(eventOf(row(name))).callsign, "02:11:22:33:44:55");
}

TEST(CotEvent, LetsNothingThroughThatChangesWhatStandsBesideIt) {
    // Right-to-left override, escape sequences of a terminal, line breaks.
    EXPECT_EQ(checked(eventOf(row("a\u202egnp.exe"))).callsign, "agnp.exe");
    EXPECT_EQ(checked(eventOf(row("\x1b[31mred\x1b[0m"))).callsign, "[31mred[0m");
    EXPECT_EQ(checked(eventOf(row("one\r\ntwo"))).callsign, "onetwo");
    EXPECT_EQ(checked(eventOf(row("caf\xe9"))).callsign, "0x636166e9");
}

TEST(CotEvent, NeverLetsTheAirChooseTheUid) {
    for (const char* name : {"\"/><event uid=\"ANDROID-1\"/><p", "stinky.pi5", "ANDROID-359975090666199",
                             "<![CDATA[", "]]>", "&#0;", "<!DOCTYPE x [<!ENTITY a \"b\">]>"}) {
        const sim::CotEvent event = checked(eventOf(row(name)));
        EXPECT_EQ(event.uid, "stinky.pi5.wifi.021122334455");
        EXPECT_EQ(event.callsign, name);
    }
}

TEST(CotEvent, IsWellFormedForEverySingleByte) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string name = std::string("a") + static_cast<char>(byte) + "b";
        EXPECT_EQ(checked(eventOf(row(name))).uid, "stinky.pi5.wifi.021122334455") << byte;
    }
}

TEST(CotEvent, IsWellFormedAndSmallWhateverTheNameIs) {
    std::mt19937 random(20261124);
    for (int i = 0; i < 3000; ++i) {
        std::string ssid(random() % 65, ' ');
        for (char& c : ssid)
            c = i % 3 == 0 ? (i % 2 == 0 ? '&' : '"') : static_cast<char>(random());
        WigleView r = row(ssid);
        const std::string auth = i % 5 == 0 ? std::string(4000, '"') : ssid;
        r.authMode = auth;
        r.channel = 65535;
        r.frequencyMHz = 4294967295U;
        r.latitude = -89.123456;
        r.longitude = -179.123456;
        const std::string event = eventOf(r);
        EXPECT_LT(event.size(), largestEvent);
        EXPECT_EQ(checked(event).uid, "stinky.pi5.wifi.021122334455");
    }
}

TEST(OwnPosition, IsTheSensorOnTheMapWithItsHealth) {
    OwnPosition here;
    here.latitude = 48.1173;
    here.longitude = 11.516667;
    here.hae = 592.3;
    here.ce = 7.6;
    here.speed = 1.25;
    here.course = 270;
    const std::string text = ownPositionEvent("pi5", here, {"degraded", "gps degraded (no fix) & <more>"},
                                              moment, std::chrono::seconds(240));
    const sim::CotEvent event = checked(text);
    EXPECT_EQ(event.uid, "stinky.pi5");
    EXPECT_EQ(event.type, "a-f-G-E-S");
    EXPECT_EQ(event.stale, "2026-06-27T12:49:09.120Z");
    EXPECT_DOUBLE_EQ(event.hae, 592.3);
    EXPECT_DOUBLE_EQ(event.ce, 7.6);
    EXPECT_EQ(event.le, 9999999);
    EXPECT_EQ(event.remarks, "gps degraded (no fix) & <more>");
    EXPECT_THAT(text, HasSubstr(R"(<track speed="1.25" course="270.0"/>)"));
    EXPECT_THAT(text, HasSubstr("<takv device="));
    EXPECT_THAT(text, HasSubstr(R"(<__stinky state="degraded"/>)"));
}

TEST(OwnPosition, StaysSmallWhateverThePartsSay) {
    const std::string text =
        ownPositionEvent(std::string(63, 'n'), {}, {std::string(1000, '"'), std::string(9000, '"')}, moment,
                         std::chrono::seconds(240));
    EXPECT_LT(text.size(), largestEvent);
    checked(text);
}

TEST(TestEvent, IsGoneAfterAMinute) {
    const sim::CotEvent event = checked(testEvent("pi5", std::nullopt, moment));
    EXPECT_EQ(event.uid, "stinky.pi5.test");
    EXPECT_EQ(event.stale, "2026-06-27T12:46:09.120Z");
    EXPECT_THAT(event.remarks, HasSubstr("does not know its position"));
}

} // namespace
} // namespace stinky::tak
