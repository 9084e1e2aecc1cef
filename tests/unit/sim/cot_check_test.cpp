#include "sim/cot_check.h"

#include <gtest/gtest.h>

#include "unit/sim/cot_sample.h"

namespace stinky::sim::test {

namespace {

using namespace std::string_literals;

/// Empty for a valid event.
std::string defectOf(const std::string& datagram) {
    const CotResult result = checkCot(datagram);
    const auto* defect = std::get_if<CotDefect>(&result);
    return defect == nullptr ? "" : defect->reason;
}

std::string defectWith(std::string_view from, std::string_view to) {
    return defectOf(sampleWith(from, to));
}

bool startsWith(const std::string& text, std::string_view start) {
    return text.compare(0, start.size(), start) == 0;
}

} // namespace

TEST(CotCheck, AGoodEventIsReadWhole) {
    const CotResult result = checkCot(sampleEvent());
    const auto* event = std::get_if<CotEvent>(&result);
    ASSERT_NE(event, nullptr) << defectOf(sampleEvent());
    EXPECT_EQ(event->uid, "stinky-02:00:00:00:00:01");
    EXPECT_EQ(event->type, "a-u-G");
    EXPECT_EQ(event->how, "m-g");
    EXPECT_EQ(event->time, "2024-05-17T12:00:00.000Z");
    EXPECT_EQ(event->stale, "2024-05-17T12:05:00.000Z");
    EXPECT_EQ(event->latitudeText, "48.117300");
    EXPECT_EQ(event->longitudeText, "11.516667");
    EXPECT_DOUBLE_EQ(event->latitude, 48.1173);
    EXPECT_DOUBLE_EQ(event->hae, 592.3);
    EXPECT_DOUBLE_EQ(event->le, 9999999);
    EXPECT_EQ(event->callsign, "Cafe, Bar & \"Grill\" <1>");
    EXPECT_EQ(event->remarks, "channel 6, -42 dBm");
    EXPECT_TRUE(event->warnings.empty());
}

TEST(CotCheck, AnEventNeedsNoDeclarationContactOrRemarks) {
    EXPECT_EQ(defectWith(R"(<?xml version="1.0" encoding="UTF-8"?>)", ""), "");
    std::string bare = sampleEvent();
    const std::size_t detail = bare.find("<detail>");
    bare.replace(detail, bare.find("</event>") - detail, "<detail/>");
    EXPECT_EQ(defectOf(bare), "");
}

TEST(CotCheck, UmlautsAndEmojiAreWelcome) {
    const CotResult result = checkCot(sampleWith("Cafe, Bar", "Grüße \U0001f4e1"));
    ASSERT_TRUE(std::holds_alternative<CotEvent>(result));
    EXPECT_EQ(std::get<CotEvent>(result).callsign, "Grüße \U0001f4e1 & \"Grill\" <1>");
}

TEST(CotCheck, WhatIsNotXmlIsRefused) {
    EXPECT_EQ(defectOf(""), "an empty datagram");
    for (const auto& text : {"hello"s, "<event"s, "{}"s, "<?xml version=\"1.0\"?>"s, "<a"s, "\0\0\0\0"s}) {
        EXPECT_TRUE(startsWith(defectOf(text), "not well-formed XML")) << text;
    }
}

TEST(CotCheck, EveryTruncationIsRefused) {
    const std::string whole = sampleEvent();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        EXPECT_NE(defectOf(whole.substr(0, length)), "") << length;
    }
}

TEST(CotCheck, UnescapedCharactersAreRefused) {
    EXPECT_TRUE(startsWith(defectWith("&amp;", "&"), "not well-formed XML"));
    EXPECT_TRUE(startsWith(defectWith("&lt;1&gt;", "<1>"), "not well-formed XML"));
    EXPECT_TRUE(startsWith(defectWith("&quot;", "\""), "not well-formed XML"));
    EXPECT_TRUE(startsWith(defectWith("&lt;", "&nosuch;"), "not well-formed XML"));
}

TEST(CotCheck, TwoEventsInOneDatagramAreRefused) {
    const std::string bare = sampleWith(R"(<?xml version="1.0" encoding="UTF-8"?>)", "");
    EXPECT_TRUE(startsWith(defectOf(bare + bare), "not well-formed XML: junk after document element"));
    EXPECT_EQ(defectWith("<remarks>", "<event/><remarks>"), "an event inside the event");
}

TEST(CotCheck, BrokenUtf8IsRefused) {
    EXPECT_TRUE(startsWith(defectWith("Cafe", "Caf\xe9"), "not well-formed UTF-8 at byte"));
    EXPECT_TRUE(startsWith(defectWith("channel", "\xc0\x80"), "not well-formed UTF-8 at byte"));
}

TEST(CotCheck, AnotherEncodingIsRefused) {
    EXPECT_EQ(defectWith("UTF-8", "ISO-8859-1"), "an encoding that is not UTF-8");
    EXPECT_EQ(defectWith("UTF-8", "utf-8"), "");
}

TEST(CotCheck, ADocumentTypeIsRefusedWithAllItCouldDo) {
    const std::string root = "<event ";
    for (const auto* type : {"<!DOCTYPE event>", R"(<!DOCTYPE event SYSTEM "file:///etc/passwd">)",
                             R"(<!DOCTYPE event [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>)",
                             R"(<!DOCTYPE event [<!ENTITY x SYSTEM "http://127.0.0.1/">]>)"}) {
        EXPECT_EQ(defectWith(root, type + root), "a document type declaration") << type;
    }
}

TEST(CotCheck, TheRootIsAnEventOfVersion2) {
    EXPECT_EQ(defectOf("<auth/>"), "the root element is not event");
    EXPECT_EQ(defectWith("version=\"2.0\"", "version=\"1.0\""), "the version of the event is not 2.0");
    EXPECT_EQ(defectWith("version=\"2.0\"", ""), "event without version");
}

TEST(CotCheck, RequiredAttributesAreNeitherMissingNorEmpty) {
    EXPECT_EQ(defectWith("uid=\"stinky-02:00:00:00:00:01\"", ""), "event without uid");
    EXPECT_EQ(defectWith("stinky-02:00:00:00:00:01", ""), "event without uid");
    EXPECT_EQ(defectWith("how=\"m-g\"", ""), "event without how");
    EXPECT_EQ(defectWith("a-u-G", ""), "event without type");
    EXPECT_EQ(defectWith("hae=\"592.3\"", ""), "point without hae");
    EXPECT_EQ(defectWith(" le=", " x="), "point without le");
}

TEST(CotCheck, TypeAndHowHaveTheirForm) {
    EXPECT_EQ(defectWith("a-u-G", "a u G"), "the type of the event does not have the form of one");
    EXPECT_EQ(defectWith("m-g", "machine"), "the how of the event does not have the form of one");
}

TEST(CotCheck, TimesAreUtcAndInOrder) {
    EXPECT_EQ(defectWith(" time=\"2024-05-17T12:00:00.000Z\"", " time=\"1715947200\""),
              "time is not ISO 8601 in UTC with Z");
    EXPECT_EQ(defectWith(" start=\"2024-05-17T12:00:00.000Z\"", " start=\"2024-05-17T12:00:00\""),
              "start is not ISO 8601 in UTC with Z");
    EXPECT_EQ(defectWith("12:05:00.000Z", "12:05:00+02:00"), "stale is not ISO 8601 in UTC with Z");
    EXPECT_EQ(defectWith("12:05:00.000Z", "11:59:59.999Z"), "stale is before start");
    EXPECT_EQ(defectWith("12:05:00.000Z", "12:00:00Z"), "");
}

TEST(CotCheck, ThePointIsOnEarth) {
    EXPECT_EQ(defectWith("48.117300", "90.000001"), "lat is outside -90..90");
    EXPECT_EQ(defectWith("48.117300", "-90"), "");
    EXPECT_EQ(defectWith("11.516667", "180.5"), "lon is outside -180..180");
    EXPECT_EQ(defectWith("48.117300", "nan"), "lat is not a finite number");
    EXPECT_EQ(defectWith("592.3", "inf"), "hae is not a finite number");
    EXPECT_EQ(defectWith("17.1", "17,1"), "ce is not a finite number");
}

TEST(CotCheck, ThereIsOnePointAndOneDetail) {
    EXPECT_EQ(defectWith("<detail>", R"(<point lat="1" lon="1" hae="1" ce="1" le="1"/><detail>)"),
              "not exactly one point, but 2");
    EXPECT_EQ(defectWith("<point ", "<pint "), "not exactly one point, but 0");
    std::string noDetail = sampleEvent();
    const std::size_t detail = noDetail.find("<detail>");
    noDetail.erase(detail, noDetail.find("</event>") - detail);
    EXPECT_EQ(defectOf(noDetail), "not exactly one detail, but 0");
    EXPECT_EQ(defectWith("</event>", "<detail/></event>"), "not exactly one detail, but 2");
}

TEST(CotCheck, APointElsewhereDoesNotCount) {
    EXPECT_EQ(defectWith("<remarks>", "<point lat=\"x\"/><remarks>"), "");
}

TEST(CotCheck, ControlCharactersInAttributesAreRefused) {
    const std::string reason = "a control character in an attribute";
    EXPECT_EQ(defectWith("Cafe", "Ca&#10;fe"), reason);
    EXPECT_EQ(defectWith("Cafe", "Ca\nfe"), reason);
    EXPECT_EQ(defectWith("Cafe", "Ca\tfe"), reason);
    EXPECT_EQ(defectWith("Cafe", "Ca&#x9b;fe"), reason);
    EXPECT_EQ(defectWith("Cafe", "Ca\u0085"
                                 "fe"),
              reason);
    EXPECT_EQ(defectWith("stinky-", "stinky\x7f"), reason);
    EXPECT_TRUE(startsWith(defectWith("Cafe", "Ca&#1;fe"), "not well-formed XML"));
    EXPECT_TRUE(startsWith(defectWith("Cafe", "Ca\x1b[2J"), "not well-formed XML"));
}

TEST(CotCheck, LineBreaksBetweenAttributesAndInRemarksAreFine) {
    EXPECT_EQ(defectWith(" how=", "\n\thow="), "");
    EXPECT_EQ(defectWith("channel 6,", "channel 6\n"), "");
}

TEST(CotCheck, RemarksInPiecesAreJoined) {
    const CotResult result = checkCot(sampleWith("channel 6,", "a &lt;b&gt; &amp; <![CDATA[<c>]]>"));
    ASSERT_TRUE(std::holds_alternative<CotEvent>(result));
    EXPECT_EQ(std::get<CotEvent>(result).remarks, "a <b> & <c> -42 dBm");
}

TEST(CotCheck, DeepNestingIsHarmless) {
    std::string deep;
    for (int level = 0; level < 5000; ++level) {
        deep.insert(0, "<a>");
        deep += "</a>";
    }
    EXPECT_EQ(defectWith("<remarks>", deep + "<remarks>"), "");
}

TEST(CotCheck, ALargeDatagramIsWarnedOfAndAnImpossibleOneRefused) {
    const CotResult large = checkCot(sampleWith("channel", std::string(1400, 'x')));
    ASSERT_TRUE(std::holds_alternative<CotEvent>(large));
    EXPECT_EQ(std::get<CotEvent>(large).warnings.size(), 1U);
    const std::size_t room = 1400 - sampleEvent().size() + std::string("channel").size();
    const CotResult fits = checkCot(sampleWith("channel", std::string(room, 'x')));
    EXPECT_TRUE(std::get<CotEvent>(fits).warnings.empty());
    EXPECT_EQ(defectWith("channel", std::string(65507, 'x')), "more than 65507 bytes");
}

TEST(CotCheck, ANegativeErrorIsWarnedOf) {
    const CotResult result = checkCot(sampleWith("17.1", "-1"));
    ASSERT_TRUE(std::holds_alternative<CotEvent>(result));
    EXPECT_EQ(std::get<CotEvent>(result).warnings.size(), 1U);
}

} // namespace stinky::sim::test
