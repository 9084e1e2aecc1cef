#include "scan/beacon.h"

#include <gtest/gtest.h>

#include <random>

#include "frame_builder.h"

namespace stinky::scan {
namespace {

using test::Buffer;
using test::element;
using test::management;
using test::packet;
using test::radiotap;
using test::ssid;

Sighting sightingOf(const Buffer& bytes) {
    const auto result = parseBeacon(bytes);
    EXPECT_TRUE(std::holds_alternative<Sighting>(result));
    return std::holds_alternative<Sighting>(result) ? std::get<Sighting>(result) : Sighting{};
}

std::string reason(const Buffer& bytes) {
    const auto result = parseBeacon(bytes);
    const auto* reject = std::get_if<FrameReject>(&result);
    return reject == nullptr ? "taken" : toString(*reject);
}

TEST(Beacon, GivesNameChannelSignalAndSecurity) {
    const Sighting s = sightingOf(packet(
        radiotap(2437, -61),
        management(0x80, 0x0411, {ssid("HomeNet"), element(3, {6}), element(48, test::rsnBody({2}))})));
    EXPECT_EQ(s.bssid.toString(), "02:11:22:33:44:55");
    EXPECT_EQ(s.ssid, "HomeNet");
    EXPECT_EQ(s.channel, 6);
    EXPECT_EQ(s.frequencyMHz, 2437U);
    EXPECT_EQ(s.rssi, -61);
    EXPECT_EQ(s.authMode, "[WPA2-PSK-CCMP][ESS]");
}

TEST(Beacon, BelievesTheAccessPointsOwnChannelRatherThanTheTunedOne) {
    const Sighting s = sightingOf(packet(radiotap(2442), management(0x80, 1, {ssid("a"), element(3, {6})})));
    EXPECT_EQ(s.channel, 6);
    EXPECT_EQ(s.frequencyMHz, 2437U);
}

TEST(Beacon, FindsTheChannelOfFiveAndSixGigahertz) {
    const Sighting five =
        sightingOf(packet(radiotap(5180), management(0x80, 1, {ssid("a"), element(61, {36, 0})})));
    EXPECT_EQ(five.channel, 36);
    EXPECT_EQ(five.frequencyMHz, 5180U);
    // HE Operation with 6 GHz information: bit 17 of the parameters, primary channel 37.
    const Buffer he = {36, 0, 0, 2, 0, 0, 0, 37, 0, 0, 0, 0};
    const Sighting six =
        sightingOf(packet(radiotap(6135), management(0x80, 1, {ssid("a"), element(255, he)})));
    EXPECT_EQ(six.channel, 37);
    EXPECT_EQ(six.frequencyMHz, 6135U);
}

TEST(Beacon, FallsBackToTheTunedChannel) {
    EXPECT_EQ(sightingOf(packet(radiotap(2462), management(0x80, 1, {ssid("a")}))).channel, 11);
}

TEST(Beacon, KnowsHiddenNetworksOfBothKinds) {
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 1, {ssid("")}))).ssid, "");
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 1, {ssid(std::string(7, '\0'))}))).ssid, "");
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x50, 1, {ssid("named")}))).ssid, "named");
}

TEST(Beacon, KeepsEveryByteOfAName) {
    std::string name;
    for (int i = 0; i < 32; ++i)
        name += static_cast<char>(i * 8);
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 1, {ssid(name)}))).ssid, name);
}

TEST(Beacon, TakesTheFirstOfTwoNames) {
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 1, {ssid("first"), ssid("second")}))).ssid,
              "first");
}

TEST(Beacon, TellsOpenWepAndWps) {
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 0x01, {ssid("a")}))).authMode, "[ESS]");
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 0x11, {ssid("a")}))).authMode, "[WEP][ESS]");
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 0x02, {ssid("a")}))).authMode, "[IBSS]");
    const Buffer wps = element(221, {0x00, 0x50, 0xf2, 4, 0x10, 0x4a});
    EXPECT_EQ(sightingOf(packet(radiotap(), management(0x80, 0x01, {ssid("a"), wps}))).authMode,
              "[WPS][ESS]");
}

TEST(Beacon, CutsTheChecksumThatRadiotapAnnounces) {
    Buffer frame = management(0x80, 1, {ssid("a")});
    test::append(frame, {3, 1, 9, 9}); // looks like a DS parameter, is the checksum
    EXPECT_EQ(sightingOf(packet(radiotap(2437, -1, 0x10), frame)).channel, 6);
}

TEST(Beacon, NamesWhyAFrameGaveNothing) {
    EXPECT_EQ(reason({1, 2, 3}), "bad radiotap");
    EXPECT_EQ(reason(packet(radiotap(2437, -1, 0x40), management(0x80, 1, {ssid("a")}))), "bad checksum");
    EXPECT_EQ(reason(packet(radiotap(), management(0x40, 1, {ssid("a")}))), "other frame");
    EXPECT_EQ(reason(packet(radiotap(), management(0x88, 1, {ssid("a")}))), "other frame");
    EXPECT_EQ(reason(packet(radiotap(), {0x80})), "truncated");
    EXPECT_EQ(reason(packet(radiotap(), management(0x80, 1, {}))), "truncated");
    EXPECT_EQ(reason(packet(radiotap(), management(0x80, 1, {element(0, Buffer(33, 'x'))}))), "truncated");
    Buffer group = management(0x80, 1, {ssid("a")});
    group[16] = 0x01;
    EXPECT_EQ(reason(packet(radiotap(), group)), "bad BSSID");
}

TEST(Beacon, SurvivesACutAtEveryByte) {
    const Buffer whole =
        packet(radiotap(), management(0x80, 0x11,
                                      {ssid("HomeNet"), element(3, {6}), element(48, test::rsnBody({2, 8})),
                                       element(255, {36, 0, 0, 2, 0, 0, 0, 37}),
                                       element(221, {0, 0x50, 0xf2, 1, 1, 0})}));
    for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
        const Buffer part(whole.begin(), whole.begin() + static_cast<long>(cut));
        const auto result = parseBeacon(part);
        if (const auto* s = std::get_if<Sighting>(&result)) {
            EXPECT_EQ(s->ssid, "HomeNet");
        }
    }
}

TEST(Beacon, SurvivesRandomElements) {
    std::mt19937 random(7);
    for (int i = 0; i < 20000; ++i) {
        Buffer junk(random() % 200);
        for (auto& byte : junk)
            byte = static_cast<std::uint8_t>(random());
        const auto result = parseBeacon(packet(radiotap(), management(0x80, 1, {junk})));
        if (const auto* s = std::get_if<Sighting>(&result)) {
            EXPECT_LE(s->ssid.size(), 32U);
        }
    }
}

} // namespace
} // namespace stinky::scan
