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

WigleRow rowAt(std::uint8_t last, int rssi, double latitude) {
    WigleRow row = rowOf(last, rssi);
    row.latitude = latitude;
    return row;
}

TEST(AccessPointList, AnUnknownStrengthIsNotTheBest) {
    AccessPointList list(10);
    const AccessPoint& point = [&]() -> const AccessPoint& {
        list.take(rowAt(1, 0, 48.0), 0);
        return list.all().front();
    }();
    EXPECT_EQ(point.latitude, 48.0);
    list.take(rowAt(1, 0, 48.1), 1);
    EXPECT_EQ(point.latitude, 48.1) << "the last one, as long as none is known to be better";
    list.take(rowAt(1, -80, 48.2), 2);
    EXPECT_EQ(point.latitude, 48.2);
    EXPECT_EQ(point.bestRssi, -80);
    list.take(rowAt(1, 0, 48.3), 3);
    list.take(rowAt(1, 7, 48.4), 4);
    EXPECT_EQ(point.latitude, 48.2);
    EXPECT_EQ(point.bestRssi, -80);
    EXPECT_EQ(point.rssi, -80) << "the last that was measured";
    list.take(rowAt(1, -60, 48.5), 5);
    EXPECT_EQ(point.latitude, 48.5);
    EXPECT_EQ(point.bestRssi, -60);
}

TEST(Select, AnUnknownStrengthIsTheWeakest) {
    AccessPointList list(10);
    list.take(rowOf(1, 0), 0);
    list.take(rowOf(2, -90), 0);
    list.take(rowOf(3, -30), 0);
    AccessPointQuery query;
    query.minRssi = -200;
    EXPECT_EQ(select(list, query, 0).matched, 2U);
    for (const auto sort : {AccessPointQuery::Sort::rssi, AccessPointQuery::Sort::bestRssi}) {
        AccessPointQuery sorted;
        sorted.sort = sort;
        std::vector<std::uint8_t> order;
        for (const AccessPoint* point : select(list, sorted, 0).items)
            order.push_back(point->bssid.octets[5]);
        EXPECT_THAT(order, ::testing::ElementsAre(3, 2, 1));
    }
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
