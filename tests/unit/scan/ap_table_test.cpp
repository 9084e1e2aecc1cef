#include "scan/ap_table.h"

#include <gtest/gtest.h>

namespace stinky::scan {
namespace {

constexpr std::time_t noon = 1795521600; // 2026-11-24 12:00:00 UTC

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
    const auto row = table.add(sighting(1), here(), 0, noon);
    ASSERT_TRUE(row);
    EXPECT_EQ(row->latitude, 48.1173);
    EXPECT_EQ(row->altitude, 545.4);
    EXPECT_EQ(row->accuracy, 7.6);
    EXPECT_EQ(row->firstSeen, "2026-11-24 12:00:00");
    EXPECT_EQ(row->type, "WIFI");
}

TEST(ApTable, WaitsForAPositionAndKeepsWhenItWasFirstSeen) {
    ApTable table(10, 5);
    EXPECT_FALSE(table.add(sighting(1), std::nullopt, 0, noon));
    EXPECT_EQ(table.size(), 1U);
    EXPECT_EQ(table.add(sighting(1), here(), 1, noon + 1)->firstSeen, "2026-11-24 12:00:00");
}

TEST(ApTable, GivesOneRowInEachInterval) {
    ApTable table(10, 5);
    EXPECT_TRUE(table.add(sighting(1), here(), 0, noon));
    EXPECT_FALSE(table.add(sighting(1), here(), 4.9, noon));
    EXPECT_TRUE(table.add(sighting(2), here(), 4.9, noon));
    EXPECT_TRUE(table.add(sighting(1), here(), 5, noon));
}

TEST(ApTable, RemembersTheNameOfAHiddenNetwork) {
    ApTable table(10, 0);
    EXPECT_EQ(table.add(sighting(1, ""), here(), 0, noon)->ssid, "");
    EXPECT_EQ(table.add(sighting(1, "told"), here(), 1, noon)->ssid, "told");
    EXPECT_EQ(table.add(sighting(1, ""), here(), 2, noon)->ssid, "told");
}

TEST(ApTable, LetsGoOfTheOneNotHeardForLongest) {
    ApTable table(2, 100);
    table.add(sighting(1), here(), 0, noon);
    table.add(sighting(2), here(), 1, noon);
    table.add(sighting(1), here(), 2, noon);
    table.add(sighting(3), here(), 3, noon);
    EXPECT_EQ(table.size(), 2U);
    EXPECT_EQ(table.dropped(), 1U);
    EXPECT_FALSE(table.add(sighting(1), here(), 4, noon)) << "was kept, and had its row";
    EXPECT_TRUE(table.add(sighting(2), here(), 5, noon)) << "was let go, and is new again";
}

TEST(ApTable, CountsThoseHeardLately) {
    ApTable table(10, 5);
    table.add(sighting(1), std::nullopt, 0, noon);
    table.add(sighting(2), std::nullopt, 10, noon);
    table.add(sighting(1), std::nullopt, 20, noon);
    EXPECT_EQ(table.heardSince(0), 2U);
    EXPECT_EQ(table.heardSince(15), 1U);
    EXPECT_EQ(table.heardSince(21), 0U);
}

TEST(ApTable, StaysWithinItsBounds) {
    constexpr std::size_t bound = 50000;
    ApTable table(bound, 5);
    Sighting s = sighting(0);
    for (std::uint32_t i = 0; i < bound + 1000; ++i) {
        s.bssid.octets = {2,
                          0,
                          0,
                          static_cast<std::uint8_t>(i >> 16),
                          static_cast<std::uint8_t>(i >> 8),
                          static_cast<std::uint8_t>(i)};
        table.add(s, std::nullopt, i, noon);
    }
    EXPECT_EQ(table.size(), bound);
    EXPECT_EQ(table.dropped(), 1000U);
}

} // namespace
} // namespace stinky::scan
