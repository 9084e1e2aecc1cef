#include "sim/pty.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <memory>

#include "harness.h"

namespace stinky::gps {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAreArray;
using Dialect = FakeGpsd::Dialect;

constexpr int found = 0;
constexpr int usage = 64;
constexpr int noGps = 69;
constexpr int ioError = 74;
constexpr int stopped = 143;
constexpr int busy = 75;

// Returns when a probe has set its first speed, which is to be 115200.
void waitForProbe(const sim::Pty& pty) {
    for (int tries = 0; tries < 10000 && pty.readerBaud() != 115200; ++tries)
        usleep(1000);
    EXPECT_EQ(pty.readerBaud(), 115200U);
}

struct LineCase {
    const char* name;
    std::vector<std::string> sim;
    int baud;
    const char* protocol;
    const char* talkers; ///< one of these, in words; none for a binary protocol
    Dialect dialect = Dialect::words;
};

class Lines : public testing::TestWithParam<LineCase> {};

INSTANTIATE_TEST_SUITE_P(
    Found, Lines,
    testing::Values(
        LineCase{"At4800", {"--baud", "4800"}, 4800, "nmea", "GP"},
        LineCase{"At9600", {"--baud", "9600"}, 9600, "nmea", "GP", Dialect::json},
        LineCase{"At38400", {"--baud", "38400"}, 38400, "nmea", "GP"},
        LineCase{"At57600", {"--baud", "57600"}, 57600, "nmea", "GP", Dialect::json},
        LineCase{"At115200", {"--baud", "115200"}, 115200, "nmea", "GP"},
        LineCase{"At19200", {"--baud", "19200"}, 19200, "nmea", "GP"},
        LineCase{"At230400", {"--baud", "230400"}, 230400, "nmea", "GP"},
        LineCase{"ManyConstellations", {"--baud", "38400", "--talker", "GN"}, 38400, "nmea", "GN GP GL"},
        LineCase{"FiveHertz", {"--baud", "57600", "--rate", "5"}, 57600, "nmea", "GP"},
        LineCase{"TenHertz", {"--baud", "115200", "--rate", "10"}, 115200, "nmea", "GP"},
        LineCase{"WithoutFix", {"--baud", "4800", "--no-fix"}, 4800, "nmea", "GP"},
        LineCase{"ErrorsAsZero", {"--baud", "9600", "--framing-errors", "zero"}, 9600, "nmea", "GP"},
        LineCase{"Ubx", {"--baud", "38400", "--ubx"}, 38400, "ubx", nullptr}),
    [](const auto& info) { return info.param.name; });

TEST_P(Lines, AreFoundAndHandedOverAtTheirSpeed) {
    SimGps sim(GetParam().sim);
    GpsBench bench(GetParam().dialect);
    const ProbeResult result =
        bench.probe(sim.port(), {"--bauds", "9600 4800 38400 57600 115200 19200 230400"});
    ASSERT_EQ(result.exitCode, found) << result.log;
    EXPECT_EQ(result.json["device"], sim.port());
    EXPECT_EQ(result.json["baud"], GetParam().baud);
    EXPECT_EQ(result.json["protocol"], GetParam().protocol);
    // Of several constellations each has sentences of its own, and two of those are enough.
    if (GetParam().talkers == nullptr)
        EXPECT_TRUE(result.json["talker"].is_null());
    else
        EXPECT_THAT(GetParam().talkers, HasSubstr(result.json["talker"].get<std::string>()));
    EXPECT_GE(result.json["sentences"], 2);
    EXPECT_LT(result.json["elapsed_ms"], 6000);
    EXPECT_EQ(stateOf(sim.port()).baud, static_cast<unsigned>(GetParam().baud));
    EXPECT_THAT(bench.gpsd().devices(), ElementsAre(sim.port()));
    EXPECT_THAT(bench.gpsd().commands(), ElementsAre("?devices", "?devices", "+" + sim.port()));
    EXPECT_THAT(result.log, HasSubstr("found a GPS receiver"));
    EXPECT_THAT(result.log, HasSubstr("was handed to gpsd"));
}

TEST(Probe, EightSideBySideHandOverReceiversAndNothingElse) {
    const std::vector<std::vector<std::string>> lines{{"--baud", "4800"},
                                                      {"--baud", "9600", "--talker", "GN"},
                                                      {"--baud", "57600", "--rate", "5"},
                                                      {"--baud", "38400", "--ubx"},
                                                      {"--silent"},
                                                      {"--chatter"},
                                                      {"--baud", "115200", "--chatter"},
                                                      {"--baud", "57600", "--noise"}};
    constexpr std::size_t receivers = 4; // as many as gpsd has places for
    GpsBench bench;
    std::vector<std::unique_ptr<SimGps>> sims;
    std::vector<std::unique_ptr<RunningProbe>> probes;
    std::vector<PortState> before;
    for (const auto& line : lines) {
        sims.push_back(std::make_unique<SimGps>(line));
        before.push_back(stateOf(sims.back()->port()));
    }
    for (const auto& sim : sims)
        probes.push_back(std::make_unique<RunningProbe>(bench.arguments(sim->port())));
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const ProbeResult result = probes[i]->result();
        EXPECT_EQ(result.exitCode, i < receivers ? found : noGps) << lines[i].back() << ": " << result.log;
        if (i < receivers) {
            expected.push_back(sims[i]->port());
            continue;
        }
        EXPECT_TRUE(result.json.is_null());
        EXPECT_EQ(stateOf(sims[i]->port()).baud, before[i].baud) << "its settings are put back";
    }
    EXPECT_THAT(bench.gpsd().devices(), UnorderedElementsAreArray(expected));
}

TEST(Probe, ALineThatChangesItsSpeedIsFoundAtOneOfBoth) {
    SimGps sim({"--baud", "9600", "--switch-after", "0.8", "--switch-to", "57600"});
    GpsBench bench;
    const ProbeResult result = bench.probe(sim.port());
    ASSERT_EQ(result.exitCode, found) << result.log;
    EXPECT_THAT(result.json["baud"].get<int>(), AnyOf(9600, 57600));
}

TEST(Probe, TheRateIsRememberedByDevice) {
    SimGps sim({"--baud", "38400"});
    GpsBench bench;
    EXPECT_EQ(bench.probe(sim.port(), {"--no-evidence", "--bauds", "38400"}).json["method"], "first");
    EXPECT_EQ(
        RunningProbe({"--take-back", "--gpsd", bench.folder() / "gpsd.sock", sim.port()}).result().exitCode,
        found);
    const ProbeResult second = bench.probe(sim.port());
    EXPECT_EQ(second.json["method"], "last-good") << second.log;
    EXPECT_EQ(second.json["baud"], 38400);
}

TEST(Probe, TheRatesOfTheConfigAreUsed) {
    SimGps sim({"--baud", "19200", "--rate", "5"});
    GpsBench bench;
    std::ofstream(bench.folder() / "none.conf") << "GPS_BAUDS=\"19200\"\n";
    const ProbeResult result = bench.probe(sim.port());
    EXPECT_EQ(result.json["baud"], 19200) << result.log;
    EXPECT_EQ(result.json["method"], "first");
}

TEST(Probe, WithoutGpsdNothingIsHandedOver) {
    SimGps sim({"--baud", "115200", "--rate", "10"});
    GpsBench bench;
    const ProbeResult result =
        RunningProbe({"--no-gpsd", "--json", "--state-directory", "", "--config", "/none", sim.port()})
            .result();
    EXPECT_EQ(result.exitCode, found);
    EXPECT_EQ(result.json["baud"], 115200);
    EXPECT_THAT(bench.gpsd().commands(), IsEmpty());
}

TEST(Probe, AReceiverThatCannotBeHandedOverIsAnError) {
    SimGps sim({"--baud", "115200", "--rate", "10"});
    GpsBench bench;
    const ProbeResult result = RunningProbe({"--json", "--gpsd", bench.folder() / "none",
                                             "--state-directory", "", "--config", "/none", sim.port()})
                                   .result();
    EXPECT_EQ(result.exitCode, ioError);
    EXPECT_EQ(result.json["baud"], 115200);
    EXPECT_THAT(result.log, HasSubstr("gpsd.socket is not running"));
}

class Dialects : public testing::TestWithParam<Dialect> {};

INSTANTIATE_TEST_SUITE_P(Both, Dialects, testing::Values(Dialect::words, Dialect::json));

TEST_P(Dialects, ADeviceIsHandedOverAndTakenBackWithoutProbing) {
    SimGps sim({"--silent"});
    GpsBench bench(GetParam());
    const auto run = [&](const char* mode, const std::string& device) {
        return RunningProbe({mode, "--gpsd", bench.folder() / "gpsd.sock", device}).result();
    };
    std::filesystem::create_symlink(sim.port(), bench.folder() / "dongle");
    EXPECT_EQ(run("--hand-over", bench.folder() / "dongle").exitCode, found);
    EXPECT_THAT(bench.gpsd().devices(), ElementsAre(sim.port())) << "by its canonical path";
    EXPECT_THAT(run("--hand-over", sim.port()).log, HasSubstr("already"));
    EXPECT_EQ(run("--take-back", bench.folder() / "dongle").exitCode, found);
    EXPECT_THAT(bench.gpsd().devices(), IsEmpty());
    EXPECT_EQ(run("--take-back", sim.port()).exitCode, found);
    EXPECT_EQ(run("--hand-over", "/dev/ttyUSB77").exitCode, ioError);
}

TEST_P(Dialects, AGoneDeviceAndAGoneGpsdAreNoReasonToFailTakingBack) {
    GpsBench bench(GetParam());
    bench.gpsd().hold("/dev/ttyUSB77");
    EXPECT_EQ(RunningProbe({"--take-back", "--gpsd", bench.folder() / "gpsd.sock", "/dev/ttyUSB77"})
                  .result()
                  .exitCode,
              found);
    EXPECT_THAT(bench.gpsd().devices(), IsEmpty());
    EXPECT_EQ(
        RunningProbe({"--take-back", "--gpsd", bench.folder() / "none", "/dev/ttyUSB77"}).result().exitCode,
        found);
}

TEST_P(Dialects, WhatGpsdHasAlreadyIsLeftAlone) {
    SimGps sim({"--baud", "9600"});
    GpsBench bench(GetParam());
    bench.gpsd().hold(sim.port());
    const ProbeResult result = bench.probe(sim.port());
    EXPECT_EQ(result.exitCode, busy);
    EXPECT_THAT(result.log, HasSubstr("gpsd has it already"));
    EXPECT_THAT(bench.gpsd().commands(), ElementsAre("?devices"));
}

TEST(Probe, APortInUseIsLeftAloneAndTheUserNamed) {
    SimGps sim({"--baud", "4800"});
    GpsBench bench;
    const PortState before = stateOf(sim.port());
    const Fd mine(open(sim.port().c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    const ProbeResult result = bench.probe(sim.port());
    EXPECT_EQ(result.exitCode, busy);
    EXPECT_THAT(result.log, HasSubstr("(process " + std::to_string(getpid()) + ")"));
    EXPECT_EQ(stateOf(sim.port()).baud, before.baud);
    EXPECT_THAT(bench.gpsd().devices(), IsEmpty());
}

TEST(Probe, NothingIsEverWrittenToThePort) {
    sim::Pty pty;
    GpsBench bench;
    EXPECT_EQ(bench.probe(pty.slavePath(), {"--timeout", "5"}).exitCode, noGps);
    std::array<char, 16> buffer{};
    EXPECT_EQ(read(pty.masterFd(), buffer.data(), buffer.size()), -1) << "the receiver heard something";
}

TEST(Probe, APulledPlugEndsTheProbe) {
    auto pty = std::make_unique<sim::Pty>();
    GpsBench bench;
    RunningProbe probe(bench.arguments(pty->slavePath(), {"--bauds", "115200"}));
    waitForProbe(*pty);
    pty.reset();
    const ProbeResult result = probe.result();
    EXPECT_EQ(result.exitCode, ioError);
    EXPECT_THAT(result.log, HasSubstr("unplugged"));
    EXPECT_TRUE(result.json.is_null());
}

TEST(Probe, ASignalEndsItAndPutsTheSettingsBack) {
    sim::Pty pty;
    GpsBench bench;
    const PortState before = stateOf(pty.slavePath());
    RunningProbe probe(bench.arguments(pty.slavePath(), {"--bauds", "115200"}));
    waitForProbe(pty);
    probe.signal(SIGTERM);
    EXPECT_EQ(probe.result().exitCode, stopped);
    EXPECT_EQ(stateOf(pty.slavePath()).baud, before.baud);
}

TEST(Probe, AServiceWhosePortIsPulledOutWaitsForItsEndBySystemd) {
    auto pty = std::make_unique<sim::Pty>();
    GpsBench bench;
    setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef", 1);
    RunningProbe probe(bench.arguments(pty->slavePath(), {"--bauds", "115200"}));
    unsetenv("INVOCATION_ID");
    waitForProbe(*pty);
    pty.reset();
    probe.signal(SIGTERM);
    EXPECT_EQ(probe.result().exitCode, stopped);
    setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef", 1);
    EXPECT_EQ(bench.probe(bench.folder() / "none").exitCode, stopped) << "pulled out before it began";
    unsetenv("INVOCATION_ID");
}

TEST(Probe, MistakesAreToldApart) {
    GpsBench bench;
    EXPECT_EQ(RunningProbe({}).result().exitCode, usage);
    EXPECT_EQ(RunningProbe({"--bauds", "x", "/dev/null"}).result().exitCode, usage);
    EXPECT_EQ(bench.probe("/dev/null").exitCode, ioError);
    EXPECT_EQ(bench.probe(bench.folder() / "none").exitCode, ioError);
    EXPECT_EQ(RunningProbe({"--help"}).result().exitCode, 0);
}

} // namespace
} // namespace stinky::gps
