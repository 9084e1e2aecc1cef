#include "gps/probe_core.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "virtual_receiver.h"

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using State = ProbeCore::State;

double seconds(Moment time) {
    return std::chrono::duration<double>(time).count();
}

// Twenty moments of plugging in, spread over the second between two bursts.
std::vector<Moment> phases() {
    std::vector<Moment> all;
    for (int i = 0; i < 20; ++i)
        all.push_back(Moment(50ms) * i - 400ms);
    return all;
}

Moment median(std::vector<Moment> values) {
    std::sort(values.begin(), values.end());
    return (values[values.size() / 2] + values[(values.size() - 1) / 2]) / 2;
}

struct Series {
    std::vector<Moment> times;

    Moment median() const { return gps::median(times); }

    Moment worst() const { return *std::max_element(times.begin(), times.end()); }
};

// Every run must find the receiver at the line's speed.
Series probeAtAllPhases(const ProbeOptions& options, VirtualSetup setup) {
    Series series;
    for (const Moment phase : phases()) {
        setup.firstBurst = phase;
        const VirtualOutcome outcome = probeVirtually(options, setup);
        EXPECT_EQ(outcome.state, State::found)
            << setup.baud << " bit/s, first burst at " << seconds(phase) << " s";
        EXPECT_EQ(outcome.finding.baud, setup.baud) << "first burst at " << seconds(phase) << " s";
        series.times.push_back(outcome.elapsed);
    }
    return series;
}

ProbeOptions planOf(std::vector<unsigned> rates) {
    ProbeOptions options;
    options.rates = std::move(rates);
    return options;
}

const std::vector<unsigned> allRates{9600, 4800, 38400, 57600, 115200, 19200, 230400};

// Wherever the evidence leads, it may cost little more than each rate's dwell.
void expectNothing(VirtualSetup setup) {
    for (const Moment phase : {-350ms, -150ms, 50ms, 250ms, 450ms}) {
        setup.firstBurst = phase;
        const VirtualOutcome outcome = probeVirtually(planOf(allRates), setup);
        EXPECT_EQ(outcome.state, State::nothing);
        EXPECT_LE(outcome.elapsed, 9 * 2200ms) << "first burst at " << seconds(phase) << " s";
    }
}

class EachRate : public testing::TestWithParam<unsigned> {
protected:
    VirtualSetup setup() const {
        VirtualSetup setup;
        setup.baud = GetParam();
        return setup;
    }
};

class EachDefaultRate : public EachRate {};

INSTANTIATE_TEST_SUITE_P(Rates, EachRate, testing::ValuesIn(allRates), testing::PrintToStringParamName());
INSTANTIATE_TEST_SUITE_P(Rates, EachDefaultRate, testing::Values(9600, 4800, 38400, 57600, 115200),
                         testing::PrintToStringParamName());

TEST_P(EachDefaultRate, IsFoundInTheFirstWholeBurst) {
    const Series series = probeAtAllPhases(defaultPlan(), setup());
    EXPECT_LE(series.median(), 600ms);
    EXPECT_LT(series.worst(), 1100ms);
}

TEST_P(EachDefaultRate, IsFoundNoLaterThanInPlainOrder) {
    ProbeOptions plain = defaultPlan();
    plain.useEvidence = false;
    const Series clever = probeAtAllPhases(defaultPlan(), setup());
    const Series slow = probeAtAllPhases(plain, setup());
    EXPECT_LE(clever.median(), slow.median());
    EXPECT_LE(clever.worst(), slow.worst());
}

TEST_P(EachRate, IsFoundAmongSeven) {
    const Series series = probeAtAllPhases(planOf(allRates), setup());
    EXPECT_LE(series.median(), 1700ms);
    EXPECT_LT(series.worst(), 4s);
}

// FTDI hands bytes on every 16 ms.
TEST_P(EachDefaultRate, IsFoundInTheFirstWholeBurstThroughAnAdapterThatBatches) {
    VirtualSetup adapter = setup();
    adapter.latency = 16ms;
    adapter.keepsOldBytes = true;
    const Series series = probeAtAllPhases(defaultPlan(), adapter);
    EXPECT_LE(series.median(), 600ms);
    EXPECT_LT(series.worst(), 1100ms);
}

TEST_P(EachRate, IsFoundThroughAnAdapterThatBatchesAndKeepsOldBytes) {
    VirtualSetup adapter = setup();
    adapter.latency = 16ms;
    adapter.keepsOldBytes = true;
    const Series series = probeAtAllPhases(planOf(allRates), adapter);
    EXPECT_LE(series.median(), 1700ms);
    EXPECT_LT(series.worst(), 4s);
}

TEST_P(EachRate, IsFoundThroughAVeryLateAdapter) {
    VirtualSetup adapter = setup();
    adapter.latency = 120ms;
    adapter.keepsOldBytes = true;
    const Series series = probeAtAllPhases(planOf(allRates), adapter);
    EXPECT_LT(series.worst(), 4s);
}

TEST_P(EachRate, IsFoundWhenFramingErrorsArriveAsZero) {
    VirtualSetup adapter = setup();
    adapter.framingErrors = sim::FramingErrors::Zero;
    const Series series = probeAtAllPhases(planOf(allRates), adapter);
    EXPECT_LE(series.median(), 1700ms);
    EXPECT_LT(series.worst(), 4500ms);
}

TEST_P(EachRate, IsFoundWhenTheDriverDropsFramingErrors) {
    VirtualSetup adapter = setup();
    adapter.hidesErrors = true;
    probeAtAllPhases(planOf(allRates), adapter);
}

TEST_P(EachRate, IsFoundInTurnWhenTheDriverHidesAllEvidence) {
    VirtualSetup adapter = setup();
    adapter.deafAtWrongRate = true;
    const Series series = probeAtAllPhases(planOf(allRates), adapter);
    EXPECT_LE(series.worst(), 7 * 2200ms);
}

TEST_P(EachRate, IsFoundFromAnyLastGoodRate) {
    for (const unsigned last : allRates) {
        ProbeOptions options = planOf(allRates);
        options.lastGood = last;
        VirtualSetup line = setup();
        const Series series = probeAtAllPhases(options, line);
        EXPECT_LT(series.worst(), 3s) << "last good " << last;
    }
}

TEST_P(EachRate, IsFoundAtTheLastGoodRateWithoutAChange) {
    ProbeOptions options = planOf(allRates);
    options.lastGood = GetParam();
    const VirtualOutcome outcome = probeVirtually(options, setup());
    EXPECT_EQ(outcome.finding.method, Method::lastGood);
    EXPECT_THAT(outcome.bauds, ElementsAre(GetParam()));
}

TEST_P(EachRate, IsFoundWithoutAFix) {
    VirtualSetup line = setup();
    line.receiver.fix = false;
    const Series series = probeAtAllPhases(planOf(allRates), line);
    EXPECT_LT(series.worst(), 4s);
}

TEST_P(EachRate, IsFoundForUbxAlone) {
    VirtualSetup line = setup();
    line.receiver.output = sim::Output::Ubx;
    const Series series = probeAtAllPhases(planOf(allRates), line);
    EXPECT_LE(series.median(), 4s); // one packet a second, and two are needed
}

TEST_P(EachRate, ChatterIsNotAReceiver) {
    VirtualSetup line = setup();
    line.receiver.output = sim::Output::Chatter;
    expectNothing(line);
}

TEST_P(EachRate, NoiseIsNotAReceiver) {
    VirtualSetup line = setup();
    line.receiver.output = sim::Output::Noise;
    line.burstsPerSecond = 10;
    expectNothing(line);
}

TEST_P(EachRate, TenBurstsASecondAreFasterStill) {
    VirtualSetup line = setup();
    line.burstsPerSecond = 10;
    EXPECT_LT(probeAtAllPhases(planOf(allRates), line).worst(), 2s);
}

TEST_P(EachDefaultRate, IsFoundWhenTheLineChangesToItWhileItIsProbed) {
    for (const unsigned before : defaultPlan().rates) {
        for (const Moment after : {Moment(200ms), Moment(320ms), Moment(900ms)}) {
            VirtualSetup line;
            line.baud = before;
            line.switchTo = GetParam();
            line.switchAfter = after;
            line.firstBurst = 300ms;
            const VirtualOutcome outcome = probeVirtually(defaultPlan(), line);
            ASSERT_EQ(outcome.state, State::found)
                << before << " to " << GetParam() << " after " << seconds(after);
            // What was verified before the change was right then.
            EXPECT_THAT(outcome.finding.baud, AnyOf(before, GetParam()));
            EXPECT_LT(outcome.elapsed, 6s) << before << " to " << GetParam() << " after " << seconds(after);
        }
    }
}

TEST(ProbeCore, SilenceIsGivenEachRateInTurnAndNoMore) {
    VirtualSetup line;
    line.receiver.output = sim::Output::Silent;
    const VirtualOutcome outcome = probeVirtually(defaultPlan(), line);
    EXPECT_EQ(outcome.state, State::nothing);
    EXPECT_EQ(outcome.elapsed, 11s);
    EXPECT_THAT(outcome.bauds, ElementsAre(9600, 4800, 38400, 57600, 115200));
}

TEST(ProbeCore, GivesUpAtTheTimeout) {
    VirtualSetup line;
    line.receiver.output = sim::Output::Silent;
    ProbeOptions options = defaultPlan();
    options.timeout = 3s;
    EXPECT_EQ(probeVirtually(options, line).elapsed, 3s);
}

TEST(ProbeCore, TheTalkerAndTheCountAreReported) {
    VirtualSetup line;
    line.baud = 38400;
    line.receiver.talker = "GN";
    const VirtualOutcome outcome = probeVirtually(defaultPlan(), line);
    EXPECT_EQ(outcome.finding.talker, "GN");
    EXPECT_EQ(outcome.finding.protocol, Protocol::nmea);
    EXPECT_GE(outcome.finding.packets, 2U);
    EXPECT_EQ(outcome.finding.method, Method::evidence);
}

TEST(ProbeCore, ARatelessPortIsListenedToAsItIs) {
    VirtualSetup line;
    ProbeOptions options = defaultPlan();
    options.hasRate = false;
    const VirtualOutcome outcome = probeVirtually(options, line);
    EXPECT_EQ(outcome.state, State::found);
    EXPECT_EQ(outcome.finding.baud, std::nullopt);
    EXPECT_EQ(outcome.finding.method, Method::rateless);
    EXPECT_THAT(outcome.bauds, ElementsAre());
}

TEST(ProbeCore, ASilentRatelessPortEnds) {
    VirtualSetup line;
    line.receiver.output = sim::Output::Silent;
    ProbeOptions options = defaultPlan();
    options.hasRate = false;
    EXPECT_EQ(probeVirtually(options, line).elapsed, 11s);
}

TEST(ProbeCore, ARateThatTheAdapterCannotDoIsLeftOut) {
    VirtualSetup line;
    line.baud = 4800;
    line.cannotDo = {115200};
    const VirtualOutcome outcome = probeVirtually(defaultPlan(), line);
    EXPECT_EQ(outcome.finding.baud, 4800U);
    EXPECT_LT(outcome.elapsed, 4s);
}

TEST(ProbeCore, AnAdapterThatCanDoNothingEnds) {
    VirtualSetup line;
    line.cannotDo = defaultPlan().rates;
    EXPECT_EQ(probeVirtually(defaultPlan(), line).state, State::nothing);
}

TEST(ProbeCore, ALastGoodRateThatIsNotListedIsIgnored) {
    VirtualSetup line;
    ProbeOptions options = defaultPlan();
    options.lastGood = 19200;
    EXPECT_THAT(probeVirtually(options, line).bauds, Not(Contains(19200)));
}

// A port under the test's own hand.
class ScriptedPort : public SerialPort {
public:
    bool setBaud(unsigned baud) override {
        baud_ = baud;
        return true;
    }

    unsigned baud() const override { return baud_; }

    std::size_t read(std::span<std::uint8_t> into) override {
        const std::size_t count = std::min(into.size(), bytes.size());
        std::copy_n(bytes.begin(), count, into.begin());
        bytes.erase(0, count);
        return count;
    }

    std::string bytes;

private:
    unsigned baud_ = 9600;
};

constexpr const char* sentence = "$GPGLL,,,,,123519.00,V,N*47\r\n";

TEST(ProbeCore, OneValidSentenceIsNoReceiver) {
    ScriptedPort port;
    ProbeCore core(planOf({9600}), port);
    core.start(0s);
    port.bytes = sentence;
    core.readable(1s);
    EXPECT_EQ(core.state(), State::listening);
    EXPECT_EQ(core.deadline(), 1s + 2200ms) << "the second sentence is worth a whole dwell";
    core.expired(core.deadline());
    EXPECT_EQ(core.state(), State::nothing);
}

TEST(ProbeCore, TwoSentencesAtDifferentSpeedsAreNoReceiver) {
    ScriptedPort port;
    ProbeOptions options = planOf({9600, 4800});
    options.useEvidence = false;
    ProbeCore core(options, port);
    core.start(0s);
    port.bytes = sentence;
    core.readable(1s);
    core.expired(core.deadline());
    EXPECT_EQ(port.baud(), 4800U);
    port.bytes = sentence;
    core.readable(4s);
    EXPECT_EQ(core.state(), State::listening);
}

TEST(ProbeCore, SentencesLeftOverFromTheRateBeforeDoNotCount) {
    ScriptedPort port;
    ProbeOptions options = planOf({9600, 4800});
    options.useEvidence = false;
    ProbeCore core(options, port);
    core.start(0s);
    core.expired(2200ms);
    ASSERT_EQ(port.baud(), 4800U);
    port.bytes = std::string(sentence) + sentence;
    core.readable(2250ms);
    EXPECT_EQ(core.state(), State::listening);
    port.bytes = std::string(sentence) + sentence;
    core.readable(3s);
    EXPECT_EQ(core.state(), State::found);
    EXPECT_EQ(core.finding().baud, 4800U);
}

// The adapter may hold what it received at the speed of the port's opening, where this line is not at its
// old rate.
TEST(ProbeCore, SentencesFromBeforeTheLastGoodRateWasSetDoNotCount) {
    ScriptedPort port;
    ProbeOptions options = planOf({9600, 115200});
    options.lastGood = 115200;
    ProbeCore core(options, port);
    core.start(0s);
    ASSERT_EQ(port.baud(), 115200U);
    port.bytes = std::string(sentence) + sentence;
    core.readable(10ms);
    EXPECT_EQ(core.state(), State::listening);
}

TEST(ProbeCore, ASentenceMayComeInPieces) {
    ScriptedPort port;
    ProbeCore core(planOf({9600}), port);
    core.start(0s);
    const std::string all = std::string("junk\xff\r\n") + sentence + sentence;
    for (std::size_t i = 0; i < all.size(); ++i) {
        port.bytes = all.substr(i, 1);
        core.readable(1s);
    }
    EXPECT_EQ(core.state(), State::found);
}

TEST(ProbeCore, AFloodDoesNotKeepItFromItsDeadline) {
    ScriptedPort port;
    ProbeOptions options = planOf({9600});
    ProbeCore core(options, port);
    core.start(0s);
    Moment now{};
    while (core.state() == State::listening && now < 10s) {
        port.bytes.assign(8192, 'U');
        now += 10ms;
        core.readable(now);
    }
    EXPECT_EQ(core.state(), State::nothing);
    EXPECT_LE(now, 2300ms);
}

} // namespace
} // namespace stinky::gps
