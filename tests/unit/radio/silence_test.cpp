#include "radio/silence.h"

#include <gtest/gtest.h>

namespace stinky::radio {
namespace {

using Repair = SilenceLadder::Repair;
using Seconds = SilenceLadder::Seconds;

TEST(SilenceLadder, leavesACardAloneThatHears) {
    SilenceLadder ladder(Seconds(30));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(ladder.look(static_cast<std::uint64_t>(i), Seconds(29.0 * i)), Repair::none);
    EXPECT_EQ(ladder.relinks(), 0U);
}

TEST(SilenceLadder, climbsOneRungForEachSpanOfSilenceAndStops) {
    SilenceLadder ladder(Seconds(30));
    ladder.look(7, Seconds(1000));
    EXPECT_EQ(ladder.look(7, Seconds(1029.9)), Repair::none);
    EXPECT_EQ(ladder.look(7, Seconds(1030)), Repair::relink);
    EXPECT_EQ(ladder.look(7, Seconds(1059)), Repair::none) << "the repair has its time to help";
    EXPECT_EQ(ladder.look(7, Seconds(1060)), Repair::retype);
    EXPECT_FALSE(ladder.gaveUp());
    EXPECT_EQ(ladder.look(7, Seconds(1090)), Repair::giveUp);
    EXPECT_TRUE(ladder.gaveUp());
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(ladder.look(7, Seconds(2000 + 100 * i)), Repair::none);
    EXPECT_EQ(ladder.relinks(), 1U);
    EXPECT_EQ(ladder.retypes(), 1U);
}

TEST(SilenceLadder, beginsAnewWhenSomethingIsHeard) {
    SilenceLadder ladder(Seconds(10));
    ladder.look(7, Seconds(0));
    ladder.look(7, Seconds(10));
    ladder.look(7, Seconds(20));
    ladder.look(7, Seconds(30));
    ASSERT_TRUE(ladder.gaveUp());
    EXPECT_EQ(ladder.look(8, Seconds(40)), Repair::none);
    EXPECT_FALSE(ladder.gaveUp());
    EXPECT_EQ(ladder.look(8, Seconds(50)), Repair::relink);
    EXPECT_EQ(ladder.relinks(), 2U);
}

TEST(SilenceLadder, takesACounterThatBeganAnewForNoFrame) {
    SilenceLadder ladder(Seconds(10));
    ladder.look(7, Seconds(0));
    ladder.look(7, Seconds(10));
    EXPECT_EQ(ladder.look(0, Seconds(20)), Repair::retype);
}

TEST(SilenceLadder, neverRepairsWhenSwitchedOff) {
    SilenceLadder ladder(Seconds(0));
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(ladder.look(0, Seconds(1000.0 * i)), Repair::none);
}

TEST(SilenceLadder, startsAnewWithSomebodyWhoBeginsToListen) {
    SilenceLadder ladder(SilenceLadder::Seconds(30));
    ladder.look(7, SilenceLadder::Seconds(0));
    ladder.begin(7, SilenceLadder::Seconds(1000));
    EXPECT_EQ(ladder.look(7, SilenceLadder::Seconds(1015)), SilenceLadder::Repair::none);
    EXPECT_EQ(ladder.look(7, SilenceLadder::Seconds(1030)), SilenceLadder::Repair::relink);
}

} // namespace
} // namespace stinky::radio
