#include "sim/cot_text.h"

#include <gtest/gtest.h>

namespace stinky::sim::test {

using namespace std::string_view_literals;

TEST(CotText, WellFormedUtf8Passes) {
    for (const auto text :
         {""sv, "plain"sv, "Größe"sv, "日本"sv, "\U0001f4e1"sv, "\xed\x9f\xbf"sv, "\xf4\x8f\xbf\xbf"sv}) {
        EXPECT_FALSE(invalidUtf8(text)) << text;
    }
}

TEST(CotText, BrokenUtf8IsFoundWhereItBegins) {
    EXPECT_EQ(invalidUtf8("ab\xff"sv), 2U);
    EXPECT_EQ(invalidUtf8("\x80"sv), 0U);             // a continuation alone
    EXPECT_EQ(invalidUtf8("a\xc3"sv), 1U);            // cut off
    EXPECT_EQ(invalidUtf8("a\xc3(b"sv), 1U);          // no continuation
    EXPECT_EQ(invalidUtf8("\xc0\xaf"sv), 0U);         // overlong
    EXPECT_EQ(invalidUtf8("\xe0\x80\xaf"sv), 0U);     // overlong
    EXPECT_EQ(invalidUtf8("\xf0\x80\x80\xaf"sv), 0U); // overlong
    EXPECT_EQ(invalidUtf8("\xed\xa0\x80"sv), 0U);     // a surrogate
    EXPECT_EQ(invalidUtf8("\xf4\x90\x80\x80"sv), 0U); // above U+10FFFF
    EXPECT_EQ(invalidUtf8("\xf5\x80\x80\x80"sv), 0U);
    EXPECT_EQ(invalidUtf8("\xe6\x97"sv), 0U);
}

TEST(CotText, ControlCharactersAreSeenInBothRanges) {
    for (const auto text : {"a\nb"sv, "\t"sv, "\0"sv, "\x7f"sv, "\x1b[31m"sv, "\u0085"sv, "x\u009b"sv}) {
        EXPECT_TRUE(hasControlCharacter(text));
    }
    for (const auto text : {""sv, "a b"sv, "\u00a0"sv, "ä"sv, "Â"sv}) {
        EXPECT_FALSE(hasControlCharacter(text)) << text;
    }
}

TEST(CotText, OnlyControlsBetweenQuotesCountInATag) {
    EXPECT_TRUE(hasControlInQuotes("<a b=\"x\ny\">"));
    EXPECT_TRUE(hasControlInQuotes("<a b='x\ty'>"));
    EXPECT_FALSE(hasControlInQuotes("<a\n\tb=\"x y\"\n>"));
    EXPECT_FALSE(hasControlInQuotes("<a b=\"it's\"\nc='1'>"));
}

TEST(CotText, TimesAreNanosecondsSince1970) {
    EXPECT_EQ(parseUtcTime("1970-01-01T00:00:00Z"), 0);
    EXPECT_EQ(parseUtcTime("2024-02-29T12:00:00Z"), 1'709'208'000'000'000'000);
    EXPECT_EQ(parseUtcTime("1970-01-01T00:00:01.5Z"), 1'500'000'000);
    EXPECT_EQ(parseUtcTime("1970-01-01T00:00:00.123456789123Z"), 123'456'789);
}

TEST(CotText, TimesInAnyOtherFormAreRefused) {
    for (const auto text :
         {"", "Z", "2024-01-01T00:00:00", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00+00:00",
          "2024-01-01T00:00:00z", "2024-01-01T00:00Z", "2024-01-01T00:00:00.Z", "2023-02-29T00:00:00Z",
          "2024-13-01T00:00:00Z", "2024-00-01T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
          "2024-01-01T00:00:60Z", "2024-1-1T00:00:00Z", "2024-01-01T00:00:00ZZ", " 2024-01-01T00:00:00Z",
          "1969-12-31T23:59:59Z", "-024-01-01T00:00:00Z"}) {
        EXPECT_FALSE(parseUtcTime(text)) << text;
    }
}

TEST(CotText, NumbersAreWholeAndFinite) {
    EXPECT_EQ(parseNumber("48.117300"), 48.1173);
    EXPECT_EQ(parseNumber("-0.5"), -0.5);
    EXPECT_EQ(parseNumber("9999999.0"), 9999999.0);
    for (const auto text :
         {"", " 1", "1 ", "+1", "1,5", "nan", "inf", "-inf", "1e999", "0x10", "1.2.3", "abc", "-"}) {
        EXPECT_FALSE(parseNumber(text)) << text;
    }
}

TEST(CotText, TypesFollowTheSchema) {
    for (const auto text : {"a-f-G-U-C", "b-m-p-s-m", "a", "t-x-takp-v", "a-u-G;extra-x y"}) {
        EXPECT_TRUE(isCotType(text)) << text;
    }
    for (const auto text : {"", "-", "a-", "-a", "a--b", "a b", "a-f-\xc3\xa4", "a;b;c", ";x"}) {
        EXPECT_FALSE(isCotType(text)) << text;
    }
}

TEST(CotText, HowBeginsWithOneCharacter) {
    for (const auto text : {"m", "m-g", "h-g-i-g-o", "m-p"}) {
        EXPECT_TRUE(isCotHow(text)) << text;
    }
    for (const auto text : {"", "mg", "mg-h", "m-", "-g", "m g", "m;g"}) {
        EXPECT_FALSE(isCotHow(text)) << text;
    }
}

} // namespace stinky::sim::test
