#include "common/text.h"

#include <gtest/gtest.h>

namespace stinky {
namespace {

TEST(IsUtf8, TakesWhatRfc3629Allows) {
    EXPECT_TRUE(isUtf8(""));
    EXPECT_TRUE(isUtf8("plain"));
    EXPECT_TRUE(isUtf8("Caf\u00e9 \u20ac \U0001F600"));
    EXPECT_TRUE(isUtf8("\xf4\x8f\xbf\xbf"));
}

TEST(IsUtf8, RefusesOverlongFormsSurrogatesAndCutSequences) {
    for (const char* text :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xc3", "\xe2\x82", "\xc3("})
        EXPECT_FALSE(isUtf8(text)) << text;
}

TEST(DisplayText, LeavesOutWhatHasNoGlyph) {
    EXPECT_EQ(displayText("a\x1b[31mred\x07", 64), "a[31mred");
    EXPECT_EQ(displayText("abc\u202egpj.exe", 64), "abcgpj.exe");
    EXPECT_EQ(displayText("zero\u200bwidth\ufeff", 64), "zerowidth");
    EXPECT_EQ(displayText("c1\u0085next\u2028line", 64), "c1nextline");
    EXPECT_EQ(displayText("\U000E0041tag\ufffe", 64), "tag");
}

TEST(DisplayText, KeepsEveryScript) {
    const std::string text = "Caf\u00e9 \u041c\u043e\u0441\u043a\u0432\u0430 \u6771\u4eac \U0001F600 & <1>";
    EXPECT_EQ(displayText(text, 64), text);
}

TEST(DisplayText, CutsBlanksAndCountsCodePointsNotBytes) {
    EXPECT_EQ(displayText("  a b  ", 64), "a b");
    EXPECT_EQ(displayText("\u00e9\u00e9\u00e9\u00e9", 3), "\u00e9\u00e9\u00e9");
}

TEST(DisplayText, ShowsBytesThatAreNoTextAsHexadecimal) {
    EXPECT_EQ(displayText("\xff\x01"
                          "A",
                          64),
              "0xff0141");
    EXPECT_LE(displayText(std::string(64, '\xff'), 16).size(), 16U);
}

TEST(XmlEscape, EscapesTheFiveCharacters) {
    EXPECT_EQ(xmlEscape(R"(<a&"b">')"), "&lt;a&amp;&quot;b&quot;&gt;&apos;");
}

TEST(EscapeInstance, DoesAsSystemdEscape) {
    EXPECT_EQ(escapeInstance("wlan2"), "wlan2");
    EXPECT_EQ(escapeInstance("wlan-2.0"), "wlan\\x2d2.0");
    EXPECT_EQ(escapeInstance("mac:02:00:00:00:02:00"), "mac:02:00:00:00:02:00");
    EXPECT_EQ(escapeInstance(".a/b c\xc3"), "\\x2ea-b\\x20c\\xc3");
}

} // namespace
} // namespace stinky
