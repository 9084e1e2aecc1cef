#include "web/access_points.h"

#include <gmock/gmock.h>

namespace stinky::web {
namespace {

using ::testing::SizeIs;

WigleRow rowOf(std::uint8_t last, int rssi = -60) {
    WigleRow row;
    row.bssid.octets = {2, 0, 0, 0, 0, last};
    row.ssid = "Net " + std::to_string(last);
    row.authMode = "[WPA2-PSK-CCMP][ESS]";
    row.rssi = rssi;
    row.type = "WIFI";
    return row;
}

TEST(AccessPointList, LetsGoOfTheOneNotHeardForLongest) {
    AccessPointList list(3);
    for (std::uint8_t i = 0; i < 3; ++i)
        EXPECT_TRUE(list.take(rowOf(i), i));
    EXPECT_FALSE(list.take(rowOf(0), 3)); // heard again
    EXPECT_TRUE(list.take(rowOf(9), 4));
    EXPECT_EQ(list.size(), 3U);
    EXPECT_EQ(list.added(), 4U);
    std::vector<std::uint8_t> left;
    for (const AccessPoint& point : list.all())
        left.push_back(point.bssid.octets[5]);
    EXPECT_THAT(left, ::testing::ElementsAre(9, 0, 2));
    EXPECT_THAT(list.takeChanged(100), SizeIs(3));
    EXPECT_FALSE(list.hasChanged());
}

TEST(AccessPointList, GivesChangesInPieces) {
    AccessPointList list(100);
    for (std::uint8_t i = 0; i < 50; ++i)
        list.take(rowOf(i), 0);
    EXPECT_THAT(list.takeChanged(30), SizeIs(30));
    EXPECT_THAT(list.takeChanged(30), SizeIs(20));
    EXPECT_THAT(list.takeChanged(30), SizeIs(0));
}

TEST(SecurityOf, IsOneWord) {
    EXPECT_EQ(securityOf("[WPA3-SAE-CCMP][ESS]"), "wpa3");
    EXPECT_EQ(securityOf("[WPA2-PSK-CCMP][WPA-PSK-TKIP][ESS]"), "wpa2");
    EXPECT_EQ(securityOf("[WPA-PSK-TKIP][ESS]"), "wpa");
    EXPECT_EQ(securityOf("[WEP][ESS]"), "wep");
    EXPECT_EQ(securityOf("[ESS]"), "open");
    EXPECT_EQ(securityOf(""), "?");
}

TEST(ToJson, SurvivesBytesThatAreNoText) {
    AccessPointList list(1);
    WigleRow row = rowOf(1);
    row.ssid = "\xff\xfe";
    row.firstSeen = "\xc3";
    row.type = "\x01";
    list.take(row, 0);
    EXPECT_NO_THROW(toJson(list.all().front()).dump());
}

} // namespace
} // namespace stinky::web
