#include "scan/hopper.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace stinky::scan {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<WifiChannel> twoBands() {
    std::vector<WifiChannel> channels;
    for (std::uint32_t f = 2412; f <= 2472; f += 5)
        channels.push_back({f, false, false});
    channels.push_back({2484, true, false});
    for (const std::uint32_t f : {5180U, 5200U, 5220U})
        channels.push_back({f, false, true});
    return channels;
}

TEST(HopSequence, VisitsEveryAllowedChannelAndTheBusyOnesEquallyOften) {
    const auto sequence = hopSequence(twoBands(), {});
    const auto count = [&](std::uint32_t f) {
        return std::count(sequence.begin(), sequence.end(), f);
    };
    for (const WifiChannel& channel : twoBands())
        EXPECT_EQ(count(channel.frequencyMHz) > 0, !channel.disabled) << channel.frequencyMHz;
    EXPECT_GT(count(2412), 1);
    EXPECT_EQ(count(2412), count(2437));
    EXPECT_EQ(count(2437), count(2462));
    EXPECT_EQ(count(2417), 1);
}

TEST(HopSequence, KeepsToTheWantedChannelsOnEveryBand) {
    EXPECT_THAT(hopSequence(twoBands(), {1, 6, 40}), ElementsAre(2412, 2437, 5200));
    EXPECT_THAT(hopSequence(twoBands(), {14, 200}), IsEmpty());
}

TEST(HopSequence, OfARadioWithBusyChannelsAloneHasThemOnce) {
    EXPECT_THAT(hopSequence({{2412, false, false}, {2437, false, false}}, {}), ElementsAre(2412, 2437));
}

TEST(HopSequence, LeavesOutTheBandsBelowOneAndAtSixtyGigahertz) {
    EXPECT_THAT(hopSequence({{922, false, false}, {2417, false, false}, {58320, false, false}}, {}),
                ElementsAre(2417));
}

TEST(HopSequence, OfNothingIsEmpty) {
    EXPECT_THAT(hopSequence({}, {}), IsEmpty());
}

} // namespace
} // namespace stinky::scan
