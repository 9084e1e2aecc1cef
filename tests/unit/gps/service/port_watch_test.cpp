#include "gps/service/port_watch.h"

#include <gmock/gmock.h>

#include <fstream>

#include "temporary_directory.h"
#include "turn_until.h"

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;

class PortWatchTest : public ::testing::Test {
protected:
    PortWatchTest() { std::ofstream{port_}; }

    bool freeWithin(std::chrono::milliseconds limit) {
        return test::turnUntil(
            loop_, [this] { return free_; }, limit);
    }

    test::TemporaryDirectory folder_;
    std::string port_ = folder_ / "port";
    EventLoop loop_;
    bool held_ = true;
    bool free_ = false;
};

TEST_F(PortWatchTest, WaitsForACloseAndTheEndOfAllUsers) {
    int looks = 0;
    const PortWatch watch(
        loop_, port_,
        [&] {
            ++looks;
            return held_;
        },
        [this] { free_ = true; });
    EXPECT_FALSE(freeWithin(1500ms));
    EXPECT_EQ(looks, 1) << "nobody closed it: there was nothing to look at";
    std::ifstream{port_};
    EXPECT_FALSE(freeWithin(1500ms)) << "another one still has it";
    held_ = false;
    EXPECT_FALSE(freeWithin(500ms)) << "it does not look by itself";
    std::ifstream{port_};
    EXPECT_TRUE(freeWithin(60s));
}

TEST_F(PortWatchTest, APortThatWasClosedMeanwhileIsFreeAtOnce) {
    held_ = false;
    const PortWatch watch(
        loop_, port_, [this] { return held_; }, [this] { free_ = true; });
    EXPECT_TRUE(freeWithin(60s));
}

TEST_F(PortWatchTest, APortThatIsNotThereIsAnError) {
    EXPECT_ANY_THROW(PortWatch(
        loop_, folder_ / "none", [] { return false; }, [] {}));
}

} // namespace
} // namespace stinky::gps
