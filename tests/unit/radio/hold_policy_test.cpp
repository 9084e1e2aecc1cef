#include "radio/hold_policy.h"

#include <gtest/gtest.h>

namespace stinky::radio {
namespace {

using Seconds = RetakeLimit::Seconds;

TEST(RetakeLimit, allowsFiveWithinAMinuteAndRefusesTheSixth) {
    RetakeLimit limit;
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(limit.allow(Seconds(100 + i))) << i;
    EXPECT_FALSE(limit.allow(Seconds(105)));
    EXPECT_FALSE(limit.allow(Seconds(159.9)));
}

TEST(RetakeLimit, forgetsEachOneAMinuteLater) {
    RetakeLimit limit;
    for (int i = 0; i < 5; ++i)
        limit.allow(Seconds(100 + i));
    EXPECT_TRUE(limit.allow(Seconds(160)));
    EXPECT_FALSE(limit.allow(Seconds(160.5)));
    EXPECT_TRUE(limit.allow(Seconds(161)));
}

TEST(RetakeLimit, neverEndsWhenTheCardIsTakenAwayNowAndThen) {
    RetakeLimit limit;
    for (int i = 0; i < 1000; ++i)
        EXPECT_TRUE(limit.allow(Seconds(12.1 * i)));
    EXPECT_LE(limit.recent(), limit.most());
}

TEST(RetakeLimit, doesNotCountWhatItRefused) {
    RetakeLimit limit(1, Seconds(10));
    EXPECT_TRUE(limit.allow(Seconds(0)));
    EXPECT_FALSE(limit.allow(Seconds(9)));
    EXPECT_TRUE(limit.allow(Seconds(10)));
}

} // namespace
} // namespace stinky::radio
