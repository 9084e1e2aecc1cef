#include "gps/service/gpsd_keeper.h"

#include <gtest/gtest.h>

namespace stinky::gps {
namespace {

using Step = GpsdKeeper::Step;

TEST(GpsdKeeper, LeavesAGpsdAloneThatAnswers) {
    GpsdKeeper keeper(0);
    for (int second = 0; second < 100; ++second)
        EXPECT_EQ(keeper.observe(true, second), Step::none);
}

TEST(GpsdKeeper, RestartsTwiceAndThenGivesUpOnce) {
    GpsdKeeper keeper(0);
    std::vector<std::pair<int, Step>> steps;
    for (int second = 0; second < 1000; ++second)
        if (const Step step = keeper.observe(false, second); step != Step::none)
            steps.emplace_back(second, step);
    const std::vector<std::pair<int, Step>> expected = {
        {10, Step::restart}, {30, Step::restart}, {50, Step::giveUp}};
    EXPECT_EQ(steps, expected);
    EXPECT_TRUE(keeper.gaveUp());
}

TEST(GpsdKeeper, CountsAnOutageSoonAfterTheLastAsTheSame) {
    GpsdKeeper keeper(0);
    EXPECT_EQ(keeper.observe(false, 10), Step::restart);
    EXPECT_EQ(keeper.observe(true, 12), Step::none);
    EXPECT_EQ(keeper.observe(false, 100), Step::none);
    EXPECT_EQ(keeper.observe(false, 120), Step::restart);
    EXPECT_EQ(keeper.observe(false, 140), Step::giveUp);
}

TEST(GpsdKeeper, StartsAfreshAfterTenGoodMinutes) {
    GpsdKeeper keeper(0);
    EXPECT_EQ(keeper.observe(false, 10), Step::restart);
    EXPECT_EQ(keeper.observe(true, 20), Step::none);
    EXPECT_EQ(keeper.observe(true, 620), Step::none);
    EXPECT_EQ(keeper.restarts(), 0);
}

TEST(GpsdKeeper, IsGladWhenGpsdComesBackAfterAll) {
    GpsdKeeper keeper(0);
    for (int second = 0; second < 60; ++second)
        keeper.observe(false, second);
    EXPECT_TRUE(keeper.gaveUp());
    keeper.observe(true, 61);
    EXPECT_FALSE(keeper.gaveUp());
}

} // namespace
} // namespace stinky::gps
