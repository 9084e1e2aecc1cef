#include "web/request_parts.h"

#include <gmock/gmock.h>

namespace stinky::web {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(ParseTarget, TakesPathAndQuery) {
    const auto target = parseTarget("/a%20b/c?x=1+2&y=%26&z");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/a b/c");
    EXPECT_THAT(target->query, ElementsAre(Pair("x", "1 2"), Pair("y", "&"), Pair("z", "")));
}

TEST(ParseTarget, RefusesWhatCouldBeReadInTwoWays) {
    for (const char* text :
         {"",        "a",         "*",      "http://host/", "/..",       "/../x", "/./",  "//",
          "/a//b",   "/%2e%2e/x", "/a%2fb", "/%",           "/%1",       "/%zz",  "/%00", "/a\tb",
          "/%c0%ae", "/%ff",      "/?x=%",  "/?x=%0a",      "/?x=1&x=2", "/?=1"})
        EXPECT_FALSE(parseTarget(text)) << text;
    std::string many = "/?";
    for (int i = 0; i < 33; ++i)
        many += "p" + std::to_string(i) + "&";
    EXPECT_FALSE(parseTarget(many));
}

TEST(CookieValue, IsFoundOnce) {
    EXPECT_EQ(cookieValue("a=1; stinky=xyz; b=2", "stinky"), "xyz");
    EXPECT_EQ(cookieValue("stinky=", "stinky"), "");
    EXPECT_FALSE(cookieValue("stinky=a; stinky=b", "stinky"));
    EXPECT_FALSE(cookieValue("xstinky=a; stinkyx=b", "stinky"));
    EXPECT_FALSE(cookieValue("", "stinky"));
}

TEST(BearerToken, IsReadInAnyCase) {
    EXPECT_EQ(bearerToken("Bearer abc-_~1="), "abc-_~1=");
    EXPECT_EQ(bearerToken("bEARER  abc"), "abc");
    for (const char* text : {"", "Bearer", "Bearer ", "Basic abc", "Bearer a b", "Bearer a\"", "Bearerabc"})
        EXPECT_FALSE(bearerToken(text)) << text;
}

TEST(HostOf, LosesThePort) {
    EXPECT_EQ(hostOf("Sensor.LAN:5000"), "sensor.lan");
    EXPECT_EQ(hostOf("localhost."), "localhost");
    EXPECT_EQ(hostOf("[::1]:80"), "::1");
    for (const char* text :
         {"", ":80", "a b", "[::1", "[1.2.3.4]", "a:b", "a:99999", "a:80:80", "a/b", "a@b"})
        EXPECT_FALSE(hostOf(text)) << text;
}

struct RangeCase {
    const char* header;
    RangeKind kind;
    std::uint64_t first, last;
};

class Ranges : public ::testing::TestWithParam<RangeCase> {};

TEST_P(Ranges, OfTenBytes) {
    ByteRange range;
    EXPECT_EQ(parseRange(GetParam().header, 10, range), GetParam().kind);
    if (GetParam().kind == RangeKind::part) {
        EXPECT_EQ(range.first, GetParam().first);
        EXPECT_EQ(range.last, GetParam().last);
    }
}

INSTANTIATE_TEST_SUITE_P(Headers, Ranges,
                         ::testing::Values(RangeCase{"bytes=0-0", RangeKind::part, 0, 0},
                                           RangeCase{"bytes=3-", RangeKind::part, 3, 9},
                                           RangeCase{"bytes=-20", RangeKind::part, 0, 9},
                                           RangeCase{"bytes=9-18446744073709551615", RangeKind::part, 9, 9},
                                           RangeCase{"bytes=10-", RangeKind::unsatisfiable, 0, 0},
                                           RangeCase{"bytes=-0", RangeKind::unsatisfiable, 0, 0},
                                           RangeCase{"bytes=18446744073709551616-", RangeKind::whole, 0, 0},
                                           RangeCase{"bytes=-", RangeKind::whole, 0, 0},
                                           RangeCase{"bytes=5", RangeKind::whole, 0, 0},
                                           RangeCase{"", RangeKind::whole, 0, 0}));

TEST(Accepts, HeedsAQualityOfZero) {
    EXPECT_TRUE(accepts("text/html, Application/Geo+JSON;q=0.1", "application/geo+json"));
    EXPECT_FALSE(accepts("application/geo+json;q=0.0", "application/geo+json"));
    EXPECT_FALSE(accepts("*/*", "application/geo+json"));
}

TEST(EqualInConstantTime, IsEqual) {
    EXPECT_TRUE(equalInConstantTime("abc", "abc"));
    EXPECT_FALSE(equalInConstantTime("abc", "abd"));
    EXPECT_FALSE(equalInConstantTime("abc", "ab"));
    EXPECT_TRUE(equalInConstantTime("", ""));
}

} // namespace
} // namespace stinky::web
