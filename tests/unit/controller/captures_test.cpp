#include "ctl/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "temporary_directory.h"
#include "view/captures.h"

namespace stinky::view {
namespace {

using testing::HasSubstr;

WigleRow row(const char* mac, const char* ssid, int rssi, double latitude) {
    WigleRow one;
    one.bssid = *MacAddress::parse(mac);
    one.ssid = ssid;
    one.authMode = "[WPA2-PSK-CCMP][ESS]";
    one.firstSeen = "2026-11-24 16:00:00";
    one.channel = 6;
    one.frequencyMHz = 2437;
    one.rssi = rssi;
    one.latitude = latitude;
    one.longitude = 11.5;
    one.type = "WIFI";
    return one;
}

class AccessPointsTest : public testing::Test {
protected:
    void append(const std::string& name, const std::string& text) {
        std::ofstream(folder / name, std::ios::app) << text;
    }

    test::TemporaryDirectory folder;
    AccessPoints points{folder.path()};
};

TEST_F(AccessPointsTest, FollowsACaptureThatGrows) {
    points.look(0);
    EXPECT_EQ(points.json(10)["total"], 0);
    append("a.wiglecsv", wigleHeader("test") + wigleLine(row("02:00:00:00:00:01", "One", -70, 48.1)));
    points.look(1);
    EXPECT_EQ(points.json(10)["total"], 1);
    const std::string line = wigleLine(row("02:00:00:00:00:02", "Two", -50, 48.2));
    append("a.wiglecsv", line.substr(0, 20));
    points.look(2);
    EXPECT_EQ(points.json(10)["total"], 1) << "half a line is none";
    append("a.wiglecsv", line.substr(20));
    points.look(2.1);
    EXPECT_EQ(points.json(10)["total"], 1) << "not looked at again so soon";
    points.look(3);
    const Json json = points.json(10);
    EXPECT_EQ(json["total"], 2);
    EXPECT_EQ(json["access_points"][0]["ssid"], "Two") << "the strongest first";
    EXPECT_EQ(points.json(1)["access_points"].size(), 1u);
}

TEST_F(AccessPointsTest, ThePositionIsThatOfTheStrongestReception) {
    append("a.wiglecsv", wigleHeader("test") + wigleLine(row("02:00:00:00:00:01", "One", -70, 48.1)) +
                             wigleLine(row("02:00:00:00:00:01", "One", -40, 48.2)) +
                             wigleLine(row("02:00:00:00:00:01", "One", -80, 48.3)));
    points.look(1);
    const Json point = points.json(1)["access_points"][0];
    EXPECT_EQ(point["rssi"], -80);
    EXPECT_EQ(point["best_rssi"], -40);
    EXPECT_EQ(point["latitude"], 48.2);
    EXPECT_EQ(point["rows"], 3);
}

TEST_F(AccessPointsTest, AnUnknownStrengthIsNotTheBest) {
    const auto line = [](const char* bssid, int rssi, double latitude) {
        return wigleLine(row(bssid, "One", rssi, latitude));
    };
    append("a.wiglecsv", wigleHeader("test") + line("02:00:00:00:00:01", 0, 48.1) +
                             line("02:00:00:00:00:01", -60, 48.2) + line("02:00:00:00:00:01", 0, 48.3) +
                             line("02:00:00:00:00:02", 0, 48.4));
    points.look(1);
    const Json json = points.json(2)["access_points"];
    EXPECT_EQ(json[0]["rssi"], -60) << "the strongest first, and who is not known to be so last";
    EXPECT_EQ(json[0]["best_rssi"], -60);
    EXPECT_EQ(json[0]["latitude"], 48.2);
    EXPECT_EQ(json[1]["rssi"], 0);
    EXPECT_EQ(json[1]["latitude"], 48.4);
}

TEST_F(AccessPointsTest, ANewCaptureReplacesTheOld) {
    append("a.wiglecsv", wigleHeader("test") + wigleLine(row("02:00:00:00:00:01", "One", -70, 48.1)));
    points.look(1);
    append("b.wiglecsv", wigleHeader("test") + wigleLine(row("02:00:00:00:00:02", "Two", -70, 48.1)));
    points.look(2);
    EXPECT_EQ(points.json(10)["capture"], "b.wiglecsv");
    EXPECT_EQ(points.json(10)["total"], 1);
}

TEST_F(AccessPointsTest, ALargeOneIsReadInPieces) {
    std::string text = wigleHeader("test");
    while (text.size() < 1'500'000)
        text += wigleLine(row("02:00:00:00:00:01", "One", -70, 48.1));
    append("a.wiglecsv", text + wigleLine(row("02:00:00:00:00:02", "Two", -70, 48.1)));
    points.look(1);
    EXPECT_TRUE(points.behind());
    for (int i = 0; points.behind() && i < 10; ++i)
        points.look(1);
    EXPECT_EQ(points.json(10)["total"], 2);
}

TEST(DiskJson, CountsCapturesAndNothingElse) {
    const test::TemporaryDirectory folder;
    std::ofstream(folder / "a.wiglecsv") << "12345";
    std::ofstream(folder / "b.kismet") << "12345";
    std::filesystem::create_symlink("/etc/passwd", folder / "c.wiglecsv");
    const Json disk = diskJson(folder.path());
    EXPECT_EQ(disk["captures"], 1);
    EXPECT_EQ(disk["capture_bytes"], 5);
    EXPECT_GT(disk["total_bytes"], 0);
    EXPECT_EQ(diskJson("/nowhere")["free_bytes"], nullptr);
}

TEST(RenderAccessPoints, ShowsThemForPeople) {
    const auto answer = nlohmann::json::parse(
        R"({"total":3,"access_points":[{"bssid":"02:00:00:00:00:01","ssid":"Cafe\u001b[31m","security":"[WPA2-PSK-CCMP]",
            "channel":6,"rssi":-40,"latitude":48.1,"longitude":11.5},
           {"bssid":"02:00:00:00:00:02","ssid":"","security":"[ESS]","channel":1,"rssi":-90}]})");
    const std::string table = ctl::renderAccessPoints(answer, {});
    EXPECT_THAT(table, HasSubstr("02:00:00:00:00:01  6   WPA2      -40"));
    EXPECT_THAT(table, HasSubstr("(hidden)"));
    EXPECT_THAT(table, HasSubstr("and 1 more"));
    EXPECT_EQ(table.find('\x1b'), std::string::npos);
    EXPECT_THAT(ctl::renderAccessPoints(nlohmann::json::parse("{}"), {}), HasSubstr("no access points"));
}

TEST(RenderRadios, ShowsThem) {
    const auto radios = nlohmann::json::parse(
        R"([{"part":"radio","state":"ok","reason":"wlan2 in monitor mode","held":true,"interface":"wlan2","channel":11}])");
    EXPECT_EQ(ctl::renderRadios(radios, {}),
              "  CARD   HELD  STATE  CHANNEL  FRAMES  REASON\n"
              "  wlan2  held  ok     11       -       wlan2 in monitor mode\n");
    EXPECT_THAT(ctl::renderRadios(nlohmann::json::array(), {}), HasSubstr("no radio"));
}

} // namespace
} // namespace stinky::view
