#include "sim/tak_report.h"

#include <gtest/gtest.h>

#include "unit/sim/cot_sample.h"

namespace stinky::sim::test {

namespace {

CotEvent eventFrom(const std::string& callsign) {
    CotEvent event = std::get<CotEvent>(checkCot(sampleEvent()));
    event.callsign = callsign;
    return event;
}

} // namespace

TEST(TakReport, JsonHasTheExactTextOfThePosition) {
    const Datagram datagram{sampleEvent(), "127.0.0.1:4242"};
    const std::string json = eventJson(std::get<CotEvent>(checkCot(datagram.bytes)), datagram);
    EXPECT_NE(json.find(R"("lat":48.1173,)"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("lat_text":"48.117300","lon_text":"11.516667")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("callsign":"Cafe, Bar & \"Grill\" <1>")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("from":"127.0.0.1:4242")"), std::string::npos) << json;
    EXPECT_EQ(json.find("warnings"), std::string::npos);
    EXPECT_EQ(json.find('\n'), std::string::npos);
}

TEST(TakReport, ALineForATerminalHasNoControlCharacter) {
    CotEvent event = eventFrom("plain");
    event.remarks = "two\nlines \u009b31m";
    const std::string line = eventLine(event, {"", "127.0.0.1:1"});
    EXPECT_NE(line.find("two lines  31m"), std::string::npos) << line;
}

TEST(TakReport, AnInvalidDatagramIsShownInHex) {
    EXPECT_EQ(defectJson({"no"}, {std::string("\x00\xff<", 3), "127.0.0.1:1"}),
              R"({"invalid":"no","from":"127.0.0.1:1","bytes":3,"hex":"00ff3c"})");
}

TEST(TakTally, ACountIsCompleteWithTheLastEvent) {
    TakTally tally(2, {});
    tally.addEvent(eventFrom("a"));
    EXPECT_FALSE(tally.complete());
    tally.addDefect();
    EXPECT_FALSE(tally.complete());
    tally.addEvent(eventFrom("a"));
    EXPECT_TRUE(tally.complete());
}

TEST(TakTally, EveryExpectedCallsignMustCome) {
    TakTally tally(0, {"a", "b"});
    tally.addEvent(eventFrom("b"));
    tally.addEvent(eventFrom("c"));
    EXPECT_FALSE(tally.complete());
    EXPECT_EQ(tally.summary(), "2 valid, 0 invalid; callsigns seen: \"b\", \"c\"; callsigns missing: \"a\"");
    tally.addEvent(eventFrom("a"));
    EXPECT_TRUE(tally.complete());
}

TEST(TakTally, WithNothingToWaitForItIsNeverComplete) {
    TakTally tally(0, {});
    tally.addEvent(eventFrom("a"));
    EXPECT_FALSE(tally.complete());
    EXPECT_FALSE(tally.waitsForSomething());
}

TEST(TakSocket, EndpointsAreParsedStrictly) {
    const Ipv4Endpoint endpoint = Ipv4Endpoint::parse("239.2.3.1:6969");
    EXPECT_EQ(endpoint.address, "239.2.3.1");
    EXPECT_EQ(endpoint.port, 6969);
    for (const auto* text :
         {"", "239.2.3.1", ":6969", "239.2.3.1:", "239.2.3.1:70000", "host:1", "239.2.3.1:1x"}) {
        EXPECT_THROW(Ipv4Endpoint::parse(text), std::invalid_argument) << text;
    }
}

TEST(TakSocket, AnAddressThatIsNoGroupCannotBeJoined) {
    EXPECT_THROW(listenMulticast({"192.0.2.1", 6969}, ""), std::invalid_argument);
}

} // namespace stinky::sim::test
