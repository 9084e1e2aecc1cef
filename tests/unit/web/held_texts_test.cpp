#include "web/held_texts.h"

#include <gtest/gtest.h>

namespace stinky::web {
namespace {

TEST(HeldTexts, CountEachTextOnceUntilTheLastHasTakenIt) {
    HeldTexts held;
    const auto shared = std::make_shared<const std::string>(100, 'x');
    const auto other = std::make_shared<const std::string>(10, 'y');
    held.add(shared);
    held.add(shared);
    EXPECT_EQ(held.sizeWith(shared), 100U);
    EXPECT_EQ(held.sizeWith(other), 110U);
    held.add(other);
    held.remove(shared);
    EXPECT_EQ(held.size(), 110U);
    held.remove(shared);
    EXPECT_EQ(held.size(), 10U);
    held.remove(shared);
    held.remove(other);
    EXPECT_EQ(held.size(), 0U);
}

} // namespace
} // namespace stinky::web
