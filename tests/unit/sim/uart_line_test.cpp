#include "sim/nmea_writer.h"
#include "sim/uart_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <tuple>

#include "unit/sim/nmea_reader.h"

namespace stinky::sim::test {

namespace {

using namespace std::chrono_literals;

using Bytes = std::vector<std::uint8_t>;

constexpr std::array<unsigned, 5> rates{4800, 9600, 19200, 38400, 115200};
constexpr std::array<unsigned, 6> seedRates{4800, 9600, 19200, 38400, 57600, 115200};

Bytes nmea() {
    GpsFix fix;
    fix.time = std::chrono::sys_days{std::chrono::year{2024} / 5 / 17} + 12h + 35min + 19s;
    fix.position = {48.1173, 11.516667, 545.4};
    fix.geoidSeparation = 46.9;
    fix.satellitesInView = 8;
    fix.valid = true;
    Bytes bytes;
    for (const std::string& sentence : nmeaBurst("GP", fix)) {
        bytes.insert(bytes.end(), sentence.begin(), sentence.end());
    }
    return bytes;
}

Bytes values(const std::vector<TimedByte>& characters) {
    Bytes bytes;
    for (const TimedByte& character : characters) {
        bytes.push_back(character.value);
    }
    return bytes;
}

Bytes received(unsigned lineBaud, unsigned readerBaud) {
    return values(readBurst(nmea(), lineBaud, readerBaud));
}

std::string text(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::set<std::uint8_t> commonest(const Bytes& bytes, std::size_t count) {
    std::map<std::uint8_t, int> frequency;
    for (const std::uint8_t byte : bytes) {
        ++frequency[byte];
    }
    std::vector<std::pair<int, std::uint8_t>> order;
    order.reserve(frequency.size());
    for (const auto& [byte, times] : frequency) {
        order.emplace_back(-times, byte);
    }
    std::sort(order.begin(), order.end());
    std::set<std::uint8_t> result;
    for (std::size_t index = 0; index < std::min(count, order.size()); ++index) {
        result.insert(order[index].second);
    }
    return result;
}

UartLine lineWith(const Bytes& bytes, unsigned baud, LineTime start = LineTime(0)) {
    UartLine line;
    for (const std::uint8_t byte : bytes) {
        line.send(byte, baud, start);
    }
    return line;
}

class UartPair : public testing::TestWithParam<std::tuple<unsigned, unsigned>> {};

} // namespace

TEST_P(UartPair, OnlyTheRightSpeedGivesTheBytesThatWereSent) {
    const auto [lineBaud, readerBaud] = GetParam();
    if (lineBaud == readerBaud) {
        EXPECT_EQ(received(lineBaud, readerBaud), nmea());
    } else {
        EXPECT_TRUE(validSentences(text(received(lineBaud, readerBaud))).empty());
    }
}

TEST_P(UartPair, LookingInSmallSlicesChangesNothing) {
    const auto [lineBaud, readerBaud] = GetParam();
    const UartLine line = lineWith(nmea(), lineBaud);
    UartReader reader;
    Bytes sliced;
    const LineTime end = line.busyUntil() + 10 * bitTime(readerBaud);
    for (LineTime until(0); until < end; until += LineTime(777us)) {
        const Bytes part = values(reader.read(line, readerBaud, until));
        sliced.insert(sliced.end(), part.begin(), part.end());
    }
    const Bytes rest = values(reader.read(line, readerBaud, end));
    sliced.insert(sliced.end(), rest.begin(), rest.end());
    EXPECT_EQ(sliced, received(lineBaud, readerBaud));
}

INSTANTIATE_TEST_SUITE_P(AllSpeeds, UartPair,
                         testing::Combine(testing::ValuesIn(rates), testing::ValuesIn(rates)),
                         [](const auto& pair) {
                             return std::to_string(std::get<0>(pair.param)) + "ReadAt" +
                                    std::to_string(std::get<1>(pair.param));
                         });

TEST(UartLine, EveryByteValueSurvivesAtEverySpeed) {
    Bytes all(256);
    std::iota(all.begin(), all.end(), std::uint8_t{0});
    for (const unsigned baud : seedRates) {
        const auto characters = readBurst(all, baud, baud);
        EXPECT_EQ(values(characters), all) << baud;
        EXPECT_TRUE(std::none_of(characters.begin(), characters.end(), [](const TimedByte& c) {
            return c.framingError;
        })) << baud;
    }
}

TEST(UartLine, At38400ALineOf4800ShowsOnlyZeroAnd0x80) {
    EXPECT_EQ(commonest(received(4800, 38400), 256), (std::set<std::uint8_t>{0x00, 0x80}));
}

TEST(UartLine, At38400ALineOf9600ShowsFourValues) {
    EXPECT_EQ(commonest(received(9600, 38400), 256), (std::set<std::uint8_t>{0x00, 0x78, 0x80, 0xf8}));
}

TEST(UartLine, At38400ALineOf19200ShowsMostlyFiveValues) {
    const Bytes bytes = received(19200, 38400);
    EXPECT_EQ(commonest(bytes, 5), (std::set<std::uint8_t>{0x00, 0x18, 0x86, 0x98, 0xe0}));
    EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) {
        const auto bit = [byte](int index) {
            return (byte >> index) & 1;
        };
        return bit(0) == 0 && bit(1) == bit(2) && bit(3) == bit(4) && bit(5) == bit(6);
    })) << "each bit of the line lasts two of the reader's";
}

TEST(UartLine, At38400ItsOwnSpeedIsNearlyAllPrintable) {
    const Bytes bytes = received(38400, 38400);
    const auto printable =
        std::count_if(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b >= 32 && b < 127; });
    EXPECT_GT(static_cast<double>(printable) / static_cast<double>(bytes.size()), 0.95);
}

TEST(UartLine, AFasterLineLosesCharactersInTheProportionOfTheRealOne) {
    const auto sent = static_cast<double>(nmea().size());
    EXPECT_NEAR(static_cast<double>(received(57600, 38400).size()) / sent, 122.0 / 198.0, 0.06);
    EXPECT_NEAR(static_cast<double>(received(115200, 38400).size()) / sent, 65.0 / 198.0, 0.06);
}

TEST(UartLine, ASlowerLineGivesMoreCharactersThanWereSent) {
    EXPECT_GT(received(4800, 38400).size(), 2 * nmea().size());
}

TEST(UartLine, ClocksThatDifferByTwoPercentUnderstandEachOther) {
    EXPECT_EQ(values(readBurst(nmea(), 9600, 9792)), nmea());
    EXPECT_EQ(values(readBurst(nmea(), 9600, 9408)), nmea());
}

TEST(UartLine, ClocksThatDifferByEightPercentDoNot) {
    EXPECT_NE(values(readBurst(nmea(), 9600, 10368)), nmea());
    EXPECT_NE(values(readBurst(nmea(), 9600, 8832)), nmea());
}

TEST(UartLine, ACharacterArrivesInTheMiddleOfItsStopBit) {
    const auto characters = readBurst(Bytes{'U'}, 9600, 9600);
    ASSERT_EQ(characters.size(), 1U);
    EXPECT_NEAR(std::chrono::duration<double>(characters[0].at).count(), 9.5 / 9600, 1e-9);
}

TEST(UartLine, AFramingErrorIsPassedOnAsSampledOrAsZero) {
    // Each bit lasts four of the reader's: the start bit, then a 1, and where the stop bit should be the
    // next 0.
    const auto raw = readBurst(Bytes{0x01}, 9600, 38400, FramingErrors::Raw);
    ASSERT_FALSE(raw.empty());
    EXPECT_TRUE(raw[0].framingError);
    EXPECT_EQ(raw[0].value, 0x78);
    const auto zero = readBurst(Bytes{0x01}, 9600, 38400, FramingErrors::Zero);
    ASSERT_EQ(zero.size(), raw.size());
    EXPECT_TRUE(zero[0].framingError);
    EXPECT_EQ(zero[0].value, 0x00);
}

TEST(UartLine, AfterAFramingErrorTheReaderWaitsForTheLineToRise) {
    // A zero byte at 4800 is nine low bits of the line, 72 of the reader's: one broken character and no
    // more.
    const auto characters = readBurst(Bytes{0x00}, 4800, 38400);
    ASSERT_EQ(characters.size(), 1U);
    EXPECT_TRUE(characters[0].framingError);
}

TEST(UartLine, APulseShorterThanHalfABitIsNoStartBit) {
    EXPECT_TRUE(readBurst(Bytes{0xff}, 230400, 38400).empty());
    EXPECT_EQ(readBurst(Bytes{0xff}, 57600, 38400).size(), 1U);
}

TEST(UartLine, AnIdleLineGivesNothing) {
    UartLine line;
    UartReader reader;
    EXPECT_TRUE(reader.read(line, 9600, LineTime(10s)).empty());
    EXPECT_EQ(reader.position(), LineTime(10s));
    EXPECT_TRUE(reader.idle());
}

TEST(UartLine, APauseBetweenTwoBurstsIsKept) {
    UartLine line;
    line.send('A', 9600, LineTime(0));
    line.send('B', 9600, LineTime(1s));
    UartReader reader;
    const auto characters = reader.read(line, 9600, LineTime(2s));
    ASSERT_EQ(characters.size(), 2U);
    EXPECT_LT(characters[0].at, LineTime(2ms));
    EXPECT_GT(characters[1].at, LineTime(1s));
    EXPECT_EQ(values(characters), (Bytes{'A', 'B'}));
}

TEST(UartLine, AReaderThatFindsTheSpeedInTheMiddleOfABurstReadsTheRest) {
    const Bytes sent = nmea();
    const UartLine line = lineWith(sent, 4800);
    UartReader reader;
    const LineTime half = line.busyUntil() / 2;
    const Bytes before = values(reader.read(line, 38400, half));
    EXPECT_EQ(commonest(before, 256), (std::set<std::uint8_t>{0x00, 0x80}));
    const std::string after = text(values(reader.read(line, 4800, line.busyUntil() + 10 * bitTime(4800))));
    EXPECT_FALSE(validSentences(after).empty());
    const std::string all = text(sent);
    EXPECT_EQ(after.substr(after.size() - 100), all.substr(all.size() - 100));
}

TEST(UartLine, ALineThatChangesItsSpeedIsReadUpToThere) {
    UartLine line;
    for (const char c : std::string("slow")) {
        line.send(static_cast<std::uint8_t>(c), 9600, LineTime(0));
    }
    const LineTime change = line.busyUntil();
    for (const char c : std::string("fast")) {
        line.send(static_cast<std::uint8_t>(c), 38400, change);
    }
    UartReader reader;
    EXPECT_EQ(text(values(reader.read(line, 9600, change))), "slow");
    EXPECT_EQ(text(values(reader.read(line, 38400, line.busyUntil()))), "fast");
}

TEST(UartLine, AHungUpReaderGetsNothingAndForgetsTheCharacterItWasIn) {
    const UartLine line = lineWith(Bytes{'A', 'B', 'C'}, 9600);
    UartReader reader;
    EXPECT_TRUE(reader.read(line, 9600, 5 * bitTime(9600)).empty());
    EXPECT_TRUE(reader.read(line, 0, 19 * bitTime(9600) / 2).empty());
    EXPECT_EQ(text(values(reader.read(line, 9600, line.busyUntil()))), "BC");
}

TEST(UartLine, WhatWasReadCanBeForgotten) {
    UartLine line = lineWith(Bytes{'A', 'B', 'C'}, 9600);
    UartReader reader;
    const LineTime middle = 15 * bitTime(9600);
    EXPECT_EQ(text(values(reader.read(line, 9600, middle))), "A");
    line.forget(middle);
    EXPECT_EQ(text(values(reader.read(line, 9600, line.busyUntil()))), "BC");
}

} // namespace stinky::sim::test
