#include "web/complaints.h"

#include <gmock/gmock.h>

#include <vector>

namespace stinky::web {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(Complaints, AreToldTenTimesAMinuteAndCounted) {
    std::vector<std::string> told;
    Complaints complaints([&](const std::string& what) { told.push_back(what); });
    for (int i = 0; i < 500; ++i)
        complaints.add("cut off", 100 + i * 0.1);
    EXPECT_THAT(told, SizeIs(10));
    told.clear();
    complaints.add("cut off", 160);
    complaints.add("malformed", 161);
    EXPECT_THAT(told, ElementsAre("cut off (490 others were not told)", "malformed"));
}

} // namespace
} // namespace stinky::web
