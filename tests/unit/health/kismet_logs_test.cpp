#include "health/kismet_logs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "temporary_directory.h"

namespace stinky::health {
namespace {

constexpr std::time_t noon = 20780 * 86400 + 43200;
constexpr const char* start = "/logging/by-class/wiglecsv/start.cmd";

class Keeper : public ::testing::Test {
protected:
    KismetLog log(const std::string& name, std::size_t size) {
        std::ofstream(folder_ / name) << std::string(size, 'x');
        return {"U-" + name, folder_ / name};
    }

    test::TemporaryDirectory folder_;
    KismetLogKeeper keeper_{folder_.path(), {1000, 1, 0}};
};

TEST_F(Keeper, LetsALogBeThatIsSmallAndOfToday) {
    EXPECT_EQ(keeper_.next({log("a", 999)}, noon), "");
    EXPECT_EQ(keeper_.next({log("a", 999)}, noon + 60), "");
    EXPECT_EQ(keeper_.next({}, noon), "") << "without one, that is for others to say";
}

TEST_F(Keeper, StartsTheNextBeforeItStopsTheLast) {
    const KismetLog full = log("a", 1000);
    EXPECT_EQ(keeper_.next({full}, noon), start);
    EXPECT_EQ(keeper_.next({full, log("b", 10)}, noon), "/logging/by-uuid/U-a/stop.cmd");
    EXPECT_EQ(keeper_.next({log("b", 10)}, noon), "");
}

TEST_F(Keeper, StartsOneEachDay) {
    EXPECT_EQ(keeper_.next({log("a", 1)}, noon), "");
    EXPECT_EQ(keeper_.next({log("a", 1)}, noon + 86400), start);
    EXPECT_EQ(keeper_.next({log("b", 1)}, noon + 86400), "");
}

TEST_F(Keeper, StopsTheLogOfAFullDiskAndStartsItAgain) {
    KismetLogKeeper greedy{folder_.path(), {1000, 1ULL << 60, 0}};
    EXPECT_EQ(greedy.next({log("a", 1)}, noon), "/logging/by-uuid/U-a/stop.cmd");
    EXPECT_NE(greedy.withheld(), "");
    EXPECT_EQ(greedy.next({}, noon), "");
}

} // namespace
} // namespace stinky::health
