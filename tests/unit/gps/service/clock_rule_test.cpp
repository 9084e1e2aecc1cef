#include "gps/service/clock_rule.h"

#include <gmock/gmock.h>

namespace stinky::gps {
namespace {

using ::testing::DoubleNear;
using ::testing::Eq;
using ::testing::Optional;

constexpr double gpsStart = ClockRule::earliest + 1000;
constexpr double monotonicStart = 50;

GpsFix fixAt(int second, int mode = 3) {
    GpsFix fix;
    fix.mode = mode;
    fix.time = gpsStart + second;
    fix.monotonic = monotonicStart + second + 0.3;
    return fix;
}

/// The rule's answers to one report a second; `wallError` is how far the system's clock is off.
std::optional<double> feed(ClockRule& rule, int first, int last, double wallError, bool disciplined = false,
                           int mode = 3) {
    std::optional<double> answer;
    for (int second = first; second <= last; ++second) {
        const double monotonic = monotonicStart + second + 0.4;
        const auto now =
            rule.observe(fixAt(second, mode), gpsStart + second + 0.4 + wallError, monotonic, disciplined);
        if (now)
            answer = now;
    }
    return answer;
}

TEST(ClockRule, SetsAClockThatIsOffAfterThreeFixesAndOnlyOnce) {
    ClockRule rule(true);
    EXPECT_THAT(feed(rule, 0, 1, -3600), Eq(std::nullopt));
    EXPECT_FALSE(rule.trusted());
    EXPECT_THAT(feed(rule, 2, 2, -3600), Optional(DoubleNear(gpsStart + 2.1, 1e-3)));
    EXPECT_THAT(feed(rule, 3, 20, -3600), Eq(std::nullopt));
}

TEST(ClockRule, TouchesNothingUnlessItMay) {
    ClockRule rule(false);
    EXPECT_THAT(feed(rule, 0, 20, -3600), Eq(std::nullopt));
    EXPECT_FALSE(rule.trusted());
}

TEST(ClockRule, TrustsAClockThatGpsConfirms) {
    ClockRule rule(true);
    EXPECT_THAT(feed(rule, 0, 5, 1.5), Eq(std::nullopt));
    EXPECT_TRUE(rule.trusted());
}

TEST(ClockRule, LeavesAClockAloneThatSomethingElseKeeps) {
    ClockRule rule(true);
    EXPECT_THAT(feed(rule, 0, 20, -3600, true), Eq(std::nullopt));
    EXPECT_TRUE(rule.trusted());
}

TEST(ClockRule, TakesNo2dFixForATime) {
    ClockRule rule(true);
    EXPECT_THAT(feed(rule, 0, 20, -3600, false, 2), Eq(std::nullopt));
    EXPECT_THAT(feed(rule, 21, 22, -3600), Eq(std::nullopt));
    EXPECT_THAT(feed(rule, 23, 23, -3600, false, 2), Eq(std::nullopt)) << "they must be consecutive";
    EXPECT_THAT(feed(rule, 24, 25, -3600), Eq(std::nullopt));
}

TEST(ClockRule, CountsReportsOfOneMomentOnce) {
    ClockRule rule(true);
    for (int i = 0; i < 10; ++i)
        EXPECT_THAT(rule.observe(fixAt(0), gpsStart - 3600, monotonicStart + 1, false), Eq(std::nullopt));
}

TEST(ClockRule, BeginsAgainWhenTheReceiversTimeJumps) {
    ClockRule rule(true);
    EXPECT_THAT(feed(rule, 0, 1, -3600), Eq(std::nullopt));
    GpsFix jumped = fixAt(2);
    *jumped.time += 18; // the leap seconds have arrived
    EXPECT_THAT(rule.observe(jumped, gpsStart - 3600, monotonicStart + 3, false), Eq(std::nullopt));
}

TEST(ClockRule, TakesNoTimeFromARolledOverWeekCounter) {
    ClockRule rule(true);
    for (int second = 0; second < 10; ++second) {
        GpsFix fix = fixAt(second);
        *fix.time -= 1024.0 * 7 * 86400;
        EXPECT_THAT(rule.observe(fix, gpsStart, fix.monotonic, false), Eq(std::nullopt));
    }
    EXPECT_FALSE(rule.trusted());
}

} // namespace
} // namespace stinky::gps
