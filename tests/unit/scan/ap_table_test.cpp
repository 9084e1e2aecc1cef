#include "scan/ap_table.h"

#include <gtest/gtest.h>

namespace stinky::scan {
namespace {

Sighting sighting(std::uint8_t last, const std::string& ssid = "net") {
    Sighting s;
    s.bssid.octets = {2, 0, 0, 0, 0, last};
    s.ssid = ssid;
    s.rssi = -60;
    return s;
}

GpsFix here() {
    GpsFix fix;
    fix.mode = 3;
    fix.latitude = 48.1173;
    fix.longitude = 11.516667;
    fix.altitudeMsl = 545.4;
    fix.eph = 7.6;
    return fix;
}

TEST(ApTable, GivesARowWithPositionAndError) {
    ApTable table(10, 5);
    const auto row = table.add(sighting(1), here(), 0, "2026-11-24 12:00:00");
    ASSERT_TRUE(row);
    EXPECT_EQ(row->latitude, 48.1173);
    EXPECT_EQ(row->altitude, 545.4);
    EXPECT_EQ(row->accuracy, 7.6);
    EXPECT_EQ(row->firstSeen, "2026-11-24 12:00:00");
    EXPECT_EQ(row->type, "WIFI");
}

TEST(ApTable, WaitsForAPositionAndKeepsWhenItWasFirstSeen) {
    ApTable table(10, 5);
    EXPECT_FALSE(table.add(sighting(1), std::nullopt, 0, "2026-11-24 12:00:00"));
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.add(sighting(1), here(), 1, "2026-11-24 12:00:01")->firstSeen, "2026-11-24 12:00:00");
}

TEST(ApTable, GivesOneRowInEachInterval) {
    ApTable table(10, 5);
    EXPECT_TRUE(table.add(sighting(1), here(), 0, ""));
    EXPECT_FALSE(table.add(sighting(1), here(), 4.9, ""));
    EXPECT_TRUE(table.add(sighting(2), here(), 4.9, ""));
    EXPECT_TRUE(table.add(sighting(1), here(), 5, ""));
}

TEST(ApTable, RemembersTheNameOfAHiddenNetwork) {
    ApTable table(10, 0);
    EXPECT_EQ(table.add(sighting(1, ""), here(), 0, "")->ssid, "");
    EXPECT_EQ(table.add(sighting(1, "told"), here(), 1, "")->ssid, "told");
    EXPECT_EQ(table.add(sighting(1, ""), here(), 2, "")->ssid, "told");
}

TEST(ApTable, LetsGoOfTheOneNotHeardForLongest) {
    ApTable table(2, 100);
    table.add(sighting(1), here(), 0, "");
    table.add(sighting(2), here(), 1, "");
    table.add(sighting(1), here(), 2, "");
    table.add(sighting(3), here(), 3, "");
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.dropped(), 1U);
    EXPECT_FALSE(table.add(sighting(1), here(), 4, "")) << "was kept, and had its row";
    EXPECT_TRUE(table.add(sighting(2), here(), 5, "")) << "was let go, and is new again";
}

} // namespace
} // namespace stinky::scan
