#include "ctl/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stinky::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::string answerOf(bool behind) {
    return std::string(R"({"total": 1, "behind": )") + (behind ? "true" : "false") +
           R"(, "capture": "x", "access_points": [{"bssid": "02:00:00:00:00:01", "ssid": "Home"}]})";
}

TEST(AccessPointsAnswer, IsAskedForUntilTheCaptureIsRead) {
    std::vector<std::uint32_t> asked;
    const auto ask = [&](std::uint32_t limit) {
        asked.push_back(limit);
        return answerOf(asked.size() < 3);
    };
    const auto patient = [] {
        return true;
    };
    EXPECT_EQ(askForAccessPoints(ask, 50, patient), answerOf(false));
    EXPECT_THAT(asked, ElementsAre(50u, 0u, 0u, 50u));
    EXPECT_EQ(askForAccessPoints(ask, 50, patient), answerOf(false));
    EXPECT_EQ(asked.size(), 5u) << "once where it is whole at once";
}

TEST(AccessPointsAnswer, ThatIsStillBehindWhenThePatienceIsOverSaysSo) {
    int asks = 0;
    const std::string answer = askForAccessPoints(
        [&](std::uint32_t) {
            ++asks;
            return answerOf(true);
        },
        50, [&] { return asks < 4; });
    EXPECT_EQ(asks, 5);
    EXPECT_THAT(renderAccessPoints(nlohmann::json::parse(answer), {}),
                HasSubstr("the rest is still being read"));
    EXPECT_THAT(renderAccessPoints(nlohmann::json::parse(answerOf(false)), {}),
                Not(HasSubstr("still being read")));
}

} // namespace
} // namespace stinky::ctl
