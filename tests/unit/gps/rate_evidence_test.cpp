#include "gps/rate_evidence.h"
#include "sim/gps_receiver.h"
#include "sim/uart_line.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>

namespace stinky::gps {
namespace {

const std::vector<unsigned> rates{9600, 4800, 38400, 57600, 115200, 19200, 230400};

// What a reader gets of a burst when it comes in after `part` of it, 0 to 1.
std::vector<std::uint8_t> heard(unsigned lineBaud, unsigned readerBaud, double part,
                                std::size_t most = 4096) {
    sim::ReceiverOptions options;
    options.position = {48.1173, 11.516667, 545.4};
    sim::GpsReceiver receiver(options);
    const auto burst = receiver.burst(sim::UtcTime(std::chrono::milliseconds(1700000000000)), 1);
    const auto from = static_cast<std::size_t>(part * static_cast<double>(burst.size()));
    std::vector<std::uint8_t> bytes;
    for (const sim::TimedByte& byte : sim::readBurst(std::span(burst).subspan(from), lineBaud, readerBaud))
        if (bytes.size() < most)
            bytes.push_back(byte.value);
    return bytes;
}

double behind(const RateEvidence& evidence, unsigned baud) {
    for (const RankedRate& rate : evidence.ranked())
        if (rate.baud == baud)
            return rate.behind;
    return -1;
}

struct Pair {
    unsigned line;
    unsigned reader;
};

std::vector<Pair> tellingPairs() {
    std::vector<Pair> pairs;
    for (const unsigned line : rates)
        for (const unsigned reader : rates)
            // Ten times faster than the line, a reader sees only 00; three times slower, mostly noise.
            if (reader <= line * 8 && line <= reader * 2)
                pairs.push_back({line, reader});
    return pairs;
}

class PairOfSpeeds : public testing::TestWithParam<Pair> {};

INSTANTIATE_TEST_SUITE_P(All, PairOfSpeeds, testing::ValuesIn(tellingPairs()), [](const auto& info) {
    return std::to_string(info.param.line) + "ReadAt" + std::to_string(info.param.reader);
});

TEST_P(PairOfSpeeds, ThirtyTwoBytesTellTheSpeed) {
    const auto [line, reader] = GetParam();
    for (const double part : {0.0, 0.13, 0.31, 0.5, 0.68}) {
        RateEvidence evidence(rates);
        evidence.add(heard(line, reader, part, 32), reader);
        EXPECT_EQ(evidence.ranked().front().baud, line) << "after " << part << " of the burst";
    }
}

TEST_P(PairOfSpeeds, StaleBytesInFrontDoNoHarm) {
    const auto [line, reader] = GetParam();
    for (const unsigned earlier : rates) {
        RateEvidence evidence(rates);
        evidence.add(heard(line, earlier, 0.2, 20), reader, earlier);
        evidence.add(heard(line, reader, 0.4, 40), reader, earlier);
        EXPECT_EQ(evidence.ranked().front().baud, line) << "with bytes from " << earlier;
    }
}

// A line at 4800 read at 9600 gives the same bytes as one at 115200 read at 230400.
TEST(RateEvidence, BytesThatFitAsFreshOnesAreNotTakenForStaleOnes) {
    for (const unsigned line : {115200U, 57600U, 19200U}) {
        RateEvidence evidence(rates);
        evidence.add(heard(line, line * 2, 0.2, 20), line * 2, 9600);
        EXPECT_EQ(evidence.ranked().front().baud, line);
        EXPECT_GT(behind(evidence, 4800), 1);
    }
}

TEST(RateEvidence, WithoutBytesTheOrderIsTheOrderOfPreference) {
    std::vector<unsigned> order;
    for (const RankedRate& rate : RateEvidence(rates).ranked())
        order.push_back(rate.baud);
    EXPECT_EQ(order, rates);
}

TEST(RateEvidence, WhatOneSpeedCannotTellAnotherCan) {
    RateEvidence evidence(rates);
    evidence.add(heard(4800, 115200, 0.1, 8), 115200);
    EXPECT_LT(behind(evidence, 9600), 1) << "4800 and 9600 look alike from 115200";
    EXPECT_LT(behind(evidence, 4800), 1);
    EXPECT_GT(behind(evidence, 115200), 6);
    evidence.add(heard(4800, 9600, 0.2, 12), 9600);
    EXPECT_EQ(evidence.ranked().front().baud, 4800U);
    EXPECT_GT(behind(evidence, 9600), 6);
}

TEST(RateEvidence, ALineThatChangesIsFollowed) {
    RateEvidence evidence(rates);
    for (int i = 0; i < 50; ++i)
        evidence.add(heard(9600, 9600, 0), 9600);
    EXPECT_EQ(evidence.ranked().front().baud, 9600U);
    evidence.add(heard(4800, 9600, 0, 60), 9600);
    EXPECT_EQ(evidence.ranked().front().baud, 4800U);
}

TEST(RateEvidence, AnyBytesGiveFiniteNumbers) {
    RateEvidence evidence(rates);
    std::vector<std::uint8_t> all(256);
    std::iota(all.begin(), all.end(), std::uint8_t{0});
    for (int i = 0; i < 100; ++i)
        evidence.add(all, rates[static_cast<std::size_t>(i) % rates.size()],
                     i % 3 == 0 ? std::optional(9600U) : std::nullopt);
    EXPECT_EQ(evidence.ranked().size(), rates.size());
    for (const RankedRate& rate : evidence.ranked())
        EXPECT_TRUE(std::isfinite(rate.behind) && rate.behind >= 0 && rate.behind <= 60) << rate.behind;
}

TEST(LineModel, SumsToOneForAnyPairOfSpeeds) {
    for (const unsigned line : {1200U, 9600U, 14400U, 115200U, 1000000U}) {
        for (const unsigned reader : {1200U, 9600U, 57600U, 921600U}) {
            const LineModel model = modelLine(line, reader);
            for (const ByteOdds& odds : {model.text, model.binary}) {
                double sum = 0;
                for (const float value : odds)
                    sum += std::exp(static_cast<double>(value));
                EXPECT_NEAR(sum, 1, 1e-4) << line << " read at " << reader;
            }
        }
    }
}

// The commonest bytes of real bursts, counted with another program.
TEST(LineModel, KnownSightsFrom38400) {
    const auto share = [](unsigned line, std::initializer_list<int> values) {
        const LineModel model = modelLine(line, 38400);
        double sum = 0;
        for (const int value : values)
            sum += std::exp(static_cast<double>(model.text[static_cast<std::size_t>(value)]));
        return sum;
    };
    EXPECT_GT(share(4800, {0x00, 0x80}), 0.95);
    EXPECT_GT(share(9600, {0x80, 0x78, 0x00, 0xf8}), 0.95);
    EXPECT_GT(share(19200, {0x86, 0x18, 0x98, 0x00, 0xe0}), 0.5);
}

} // namespace
} // namespace stinky::gps
