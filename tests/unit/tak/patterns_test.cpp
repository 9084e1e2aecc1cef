#include "common/error.h"
#include "tak/patterns.h"

#include <gtest/gtest.h>

namespace stinky::tak {
namespace {

const MacAddress home{{0x02, 0x11, 0x22, 0xaa, 0xbb, 0xcc}};

TEST(Glob, StandsForAnyBytes) {
    EXPECT_TRUE(globMatches("", ""));
    EXPECT_FALSE(globMatches("", "a"));
    EXPECT_TRUE(globMatches("*", ""));
    EXPECT_TRUE(globMatches("a*c", "abbbc"));
    EXPECT_FALSE(globMatches("a*c", "abbb"));
    EXPECT_TRUE(globMatches("*ab*ab", "ababab"));
    EXPECT_TRUE(globMatches("a?c", "a c"));
    EXPECT_FALSE(globMatches("a?c", "ac"));
    EXPECT_TRUE(globMatches("**", std::string_view("\0\n", 2)));
    // Linear in practice: no pattern from the settings takes for ever on a name from the air.
    EXPECT_FALSE(globMatches("*a*a*a*a*a*a*a*a*b", std::string(64, 'a')));
}

TEST(PatternList, MatchesSsidsBssidsAndOuis) {
    const auto matches = [](const char* entry, std::string_view ssid) {
        return PatternList({entry}).matches(home, ssid);
    };
    EXPECT_TRUE(matches("HomeNet", "HomeNet"));
    EXPECT_FALSE(matches("HomeNet", "HomeNet2"));
    EXPECT_FALSE(matches("homenet", "HomeNet"));
    EXPECT_TRUE(matches("Home*", "HomeNet2"));
    EXPECT_TRUE(matches("My?Home", "My Home"));
    EXPECT_TRUE(matches("02:11:22:AA:bb:CC", "x"));
    EXPECT_FALSE(matches("02:11:22:aa:bb:cd", "x"));
    EXPECT_TRUE(matches("02:11:22", "x"));
    EXPECT_FALSE(matches("02:11:23", "x"));
    EXPECT_TRUE(matches("*:cc", "x"));
    EXPECT_FALSE(matches("02:11:23", "02:11:23"))
        << "an access point does not choose its address by its name";
    EXPECT_TRUE(PatternList({"ssid:02:11:23"}).matches(home, "02:11:23"));
    EXPECT_FALSE(PatternList().matches(home, "x"));
    EXPECT_THROW(PatternList({"ssid:"}), Error);
}

TEST(HighlightList, GivesTheColourOfTheFirstThatMatches) {
    const HighlightList list({"02:11:22=red", "Free*=-16776961", "a=b"});
    EXPECT_EQ(list.colour(home, "x"), -65536);
    const MacAddress other{{0x00, 0x11, 0x22, 0, 0, 1}};
    EXPECT_EQ(list.colour(other, "FreeWifi"), -16776961);
    EXPECT_EQ(list.colour(other, "a=b"), -65281) << "no colour, but part of a name";
    EXPECT_EQ(list.colour(other, "a"), std::nullopt);
}

} // namespace
} // namespace stinky::tak
