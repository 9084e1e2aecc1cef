#include "sim/ubx_writer.h"

#include <gtest/gtest.h>

#include <cstring>

namespace stinky::sim::test {

namespace {

using namespace std::chrono_literals;

GpsFix sydney() {
    GpsFix fix;
    fix.time = std::chrono::sys_days{std::chrono::year{2024} / 5 / 17} + 9h + 5min + 7s + 250ms;
    fix.position = {-33.856785, 151.215301, 12.5};
    fix.motion = {10, 90};
    fix.geoidSeparation = 22.5;
    fix.satellitesInView = 8;
    fix.valid = true;
    return fix;
}

template <typename Value>
Value at(const std::vector<std::uint8_t>& frame, std::size_t offset) {
    Value value{};
    std::memcpy(&value, frame.data() + 6 + offset,
                sizeof value); // the payload begins behind class, id and length
    return value;
}

} // namespace

TEST(UbxWriter, TheFrameIsThatOfAPublishedMessage) {
    // UBX-MON-VER, polled: known to every u-blox tool.
    const std::vector<std::uint8_t> expected{0xb5, 0x62, 0x0a, 0x04, 0x00, 0x00, 0x0e, 0x34};
    EXPECT_EQ(ubxFrame(0x0a, 0x04, {}), expected);
}

TEST(UbxWriter, NavPvtHasPositionTimeAndMotion) {
    const auto frame = ubxNavPvt(sydney());
    ASSERT_EQ(frame.size(), 100U);
    EXPECT_EQ(at<std::uint32_t>(frame, 0), (5U * 86400 + 9 * 3600 + 5 * 60 + 7 + 18) * 1000 + 250);
    EXPECT_EQ(at<std::uint16_t>(frame, 4), 2024);
    EXPECT_EQ(at<std::uint8_t>(frame, 6), 5);
    EXPECT_EQ(at<std::uint8_t>(frame, 7), 17);
    EXPECT_EQ(at<std::uint8_t>(frame, 8), 9);
    EXPECT_EQ(at<std::int32_t>(frame, 16), 250'000'000);
    EXPECT_EQ(at<std::uint8_t>(frame, 20), 3);
    EXPECT_EQ(at<std::uint8_t>(frame, 23), 8);
    EXPECT_EQ(at<std::int32_t>(frame, 24), 1'512'153'010);
    EXPECT_EQ(at<std::int32_t>(frame, 28), -338'567'850);
    EXPECT_EQ(at<std::int32_t>(frame, 32), 35'000);
    EXPECT_EQ(at<std::int32_t>(frame, 36), 12'500);
    EXPECT_EQ(at<std::int32_t>(frame, 48), 0);
    EXPECT_EQ(at<std::int32_t>(frame, 52), 10'000);
    EXPECT_EQ(at<std::int32_t>(frame, 64), 9'000'000);
}

TEST(UbxWriter, WithoutAFixNavPvtSaysSo) {
    GpsFix fix = sydney();
    fix.valid = false;
    const auto frame = ubxNavPvt(fix);
    EXPECT_EQ(at<std::uint8_t>(frame, 20), 0);
    EXPECT_EQ(at<std::uint8_t>(frame, 21), 0);
    EXPECT_EQ(at<std::int32_t>(frame, 24), 0);
}

TEST(UbxWriter, TheWeekBeginsOnSundayInGpsTime) {
    GpsFix fix = sydney();
    fix.time = std::chrono::sys_days{std::chrono::year{2024} / 5 / 18} + 23h + 59min + 42s;
    EXPECT_EQ(at<std::uint32_t>(ubxNavPvt(fix), 0), 0U);
}

} // namespace stinky::sim::test
