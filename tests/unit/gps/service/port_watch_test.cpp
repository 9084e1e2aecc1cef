#include "gps/service/port_watch.h"

#include <gmock/gmock.h>

#include <fstream>

#include "temporary_directory.h"

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

class PortWatchTest : public ::testing::Test {
protected:
    PortWatchTest() { std::ofstream{port_}; }

    bool turnUntil(const bool& wanted, Clock::duration limit) {
        const auto end = Clock::now() + limit;
        while (!wanted && Clock::now() < end)
            loop_.runOnce(20ms);
        return wanted;
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
    EXPECT_FALSE(turnUntil(free_, 1500ms));
    EXPECT_EQ(looks, 1) << "nobody closed it: there was nothing to look at";
    std::ifstream{port_};
    EXPECT_FALSE(turnUntil(free_, 1500ms)) << "another one still has it";
    held_ = false;
    EXPECT_FALSE(turnUntil(free_, 500ms)) << "it does not look by itself";
    std::ifstream{port_};
    EXPECT_TRUE(turnUntil(free_, 60s));
}

TEST_F(PortWatchTest, APortThatWasClosedMeanwhileIsFreeAtOnce) {
    held_ = false;
    const PortWatch watch(
        loop_, port_, [this] { return held_; }, [this] { free_ = true; });
    EXPECT_TRUE(turnUntil(free_, 60s));
}

TEST_F(PortWatchTest, APortThatIsNotThereIsAnError) {
    EXPECT_ANY_THROW(PortWatch(
        loop_, folder_ / "none", [] { return false; }, [] {}));
}

} // namespace
} // namespace stinky::gps
