#include "tak/tracks.h"

#include <gtest/gtest.h>

#include <random>
#include <unordered_map>

namespace stinky::tak {
namespace {

WigleView row(std::uint32_t number, std::string_view ssid = "net") {
    WigleView r;
    r.bssid.octets = {0,
                      0x11,
                      static_cast<std::uint8_t>(number >> 24),
                      static_cast<std::uint8_t>(number >> 16),
                      static_cast<std::uint8_t>(number >> 8),
                      static_cast<std::uint8_t>(number)};
    r.ssid = ssid;
    r.type = "WIFI";
    r.rssi = -60;
    r.latitude = 48;
    r.longitude = 11;
    r.accuracy = 5;
    return r;
}

TrackRules ofCapacity(std::size_t capacity) {
    TrackRules rules;
    rules.capacity = capacity;
    return rules;
}

/// As the converter does it: sees a row and sends what is due.
bool due(Tracks& tracks, const WigleView& r, double now) {
    const auto slot = tracks.see(r, now);
    if (slot)
        tracks.markSent(*slot, now);
    return slot.has_value();
}

TEST(Tracks, SendsAnAccessPointOnceAndAgainAtHalfItsStaleTime) {
    Tracks tracks(ofCapacity(10), 1);
    EXPECT_TRUE(due(tracks, row(1), 0));
    EXPECT_FALSE(due(tracks, row(1), 299));
    EXPECT_TRUE(due(tracks, row(2), 299));
    EXPECT_TRUE(due(tracks, row(1), 300));
    EXPECT_FALSE(due(tracks, row(1), 301));
}

TEST(Tracks, SendsAnAccessPointThatMovedByMoreThanItsError) {
    Tracks tracks(ofCapacity(10), 1);
    WigleView far = row(1);
    far.rssi = -90;
    EXPECT_TRUE(due(tracks, far, 0));
    WigleView near = row(1);
    near.rssi = -40;
    near.latitude += 0.0002; // 22 m
    EXPECT_TRUE(due(tracks, near, 1));
    // 5 m more and not louder: the estimate stays within its error.
    near.latitude += 0.00005;
    EXPECT_FALSE(due(tracks, near, 2));
}

TEST(Tracks, LetsGoOfTheOneNotHeardForLongest) {
    Tracks tracks(ofCapacity(2), 1);
    due(tracks, row(1), 0);
    due(tracks, row(2), 1);
    due(tracks, row(1), 2);
    due(tracks, row(3), 3);
    EXPECT_EQ(tracks.size(), 2U);
    EXPECT_EQ(tracks.letGo(), 1U);
    EXPECT_FALSE(due(tracks, row(1), 4));
    EXPECT_TRUE(due(tracks, row(2), 5));
}

TEST(Tracks, ANewcomerTakesTheQueuedPlacesOfTheOneThatWasLetGo) {
    Tracks tracks(ofCapacity(1), 1);
    tracks.at(*tracks.see(row(1), 0)).queued = 5;
    const auto slot = tracks.see(row(2), 1);
    ASSERT_TRUE(slot);
    EXPECT_EQ(tracks.at(*slot).queued, 5);
    EXPECT_EQ(tracks.at(*slot).sightings, 1U);
    EXPECT_EQ(tracks.at(*slot).estimate.places(), 1U);
}

// The index against a map that is known to be right, with more addresses than room.
TEST(Tracks, FindsEveryTrackWhateverComesAndGoes) {
    std::mt19937 random(20261124);
    Tracks tracks(ofCapacity(300), random());
    std::unordered_map<std::uint32_t, int> lastHeard;
    for (int i = 0; i < 50000; ++i) {
        const std::uint32_t number = random() % 450;
        const bool known = lastHeard.contains(number) &&
                           std::count_if(lastHeard.begin(), lastHeard.end(), [&](const auto& other) {
                               return other.second > lastHeard[number];
                           }) < 300;
        const std::uint64_t before = tracks.letGo() + tracks.size();
        tracks.see(row(number), i);
        ASSERT_EQ(tracks.letGo() + tracks.size() == before, known) << i;
        lastHeard[number] = i;
    }
    EXPECT_EQ(tracks.size(), 300U);
}

TEST(Tracks, LeavesPhonesOutUnlessTheyAreWanted) {
    WigleView phone = row(1, "");
    phone.bssid.octets[0] = 6;
    Tracks tracks(ofCapacity(10), 1);
    EXPECT_FALSE(due(tracks, phone, 0));
    EXPECT_EQ(tracks.size(), 0U);
    EXPECT_EQ(tracks.clientsLeftOut(), 1U);
    phone.ssid = "hotspot";
    EXPECT_TRUE(due(tracks, phone, 0)) << "it has a name";
    EXPECT_TRUE(due(tracks, row(2, ""), 0)) << "a hidden network of a vendor's address";
    TrackRules rules = ofCapacity(10);
    rules.clients = true;
    Tracks all(rules, 1);
    phone.ssid = "";
    EXPECT_TRUE(due(all, phone, 0));
}

TEST(Tracks, KeepsTheNameOfANetworkThatHidesIt) {
    Tracks tracks(ofCapacity(10), 1);
    const auto slot = tracks.see(row(1, "Cafe"), 0);
    tracks.see(row(1, ""), 1);
    EXPECT_EQ(tracks.at(*slot).ssid.view(), "Cafe");
    tracks.see(row(1, "Bar"), 2);
    EXPECT_EQ(tracks.at(*slot).ssid.view(), "Bar");
    const std::string longest(100, 'x');
    tracks.see(row(1, longest), 3);
    EXPECT_EQ(tracks.at(*slot).ssid.view(), std::string(32, 'x'));
}

TEST(Tracks, IgnoresAndHighlightsByTheLists) {
    TrackRules rules = ofCapacity(10);
    rules.ignore = PatternList({"Home*"});
    rules.highlight = HighlightList({"00:11:00=red"});
    Tracks tracks(rules, 1);
    EXPECT_FALSE(due(tracks, row(1, "HomeNet"), 0));
    const auto slot = tracks.see(row(2, "Other"), 0);
    ASSERT_TRUE(slot);
    EXPECT_EQ(tracks.at(*slot).highlight, -65536);
    EXPECT_TRUE(due(tracks, row(1, "Renamed"), 1)) << "by its name of now";
    int current = 0;
    tracks.see(row(3, "HomeNet"), 2);
    tracks.forEachCurrent(2, [&](Tracks::Slot) { ++current; });
    EXPECT_EQ(current, 2);
    current = 0;
    tracks.forEachCurrent(600.5, [&](Tracks::Slot) { ++current; });
    EXPECT_EQ(current, 1) << "the other one was heard 600.5 s ago";
}

TEST(TextPool, KeepsEachTextOnceAndNoMoreThanItMay) {
    TextPool pool(2);
    const std::string_view open = pool.keep("[ESS]");
    EXPECT_EQ(open, "[ESS]");
    EXPECT_EQ(pool.keep(std::string("[ESS]")).data(), open.data());
    EXPECT_EQ(pool.keep(""), "");
    EXPECT_EQ(pool.keep("[WEP][ESS]"), "");
    EXPECT_EQ(pool.size(), 2U);
    EXPECT_EQ(pool.keep("[ESS]").data(), open.data());
}

} // namespace
} // namespace stinky::tak
