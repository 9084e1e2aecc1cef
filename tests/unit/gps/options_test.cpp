#include "gps/options.h"
#include "gps/report.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

std::variant<Options, int> parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "stinky-gps-probe");
    testing::internal::CaptureStderr();
    testing::internal::CaptureStdout();
    auto result = parseOptions(static_cast<int>(arguments.size()), arguments.data());
    testing::internal::GetCapturedStderr();
    testing::internal::GetCapturedStdout();
    return result;
}

TEST(Options, DefaultsAreThoseOfTheManualPage) {
    const auto options = std::get<Options>(parse({"/dev/ttyUSB0"}));
    EXPECT_EQ(options.mode, Mode::probe);
    EXPECT_EQ(options.device, "/dev/ttyUSB0");
    EXPECT_FALSE(options.json);
    EXPECT_TRUE(options.useGpsd);
    EXPECT_TRUE(options.useEvidence);
    EXPECT_EQ(options.gpsdSocket, "/run/gpsd.sock");
    EXPECT_EQ(options.stateDirectory, "/var/lib/stinky/gps");
    EXPECT_EQ(options.configPath, "/etc/stinky/stinky.conf");
    EXPECT_TRUE(options.bauds.empty());
    EXPECT_EQ(options.timeout, std::nullopt);
}

TEST(Options, AllOfThemAreTaken) {
    const auto options =
        std::get<Options>(parse({"--json", "--bauds", "4800,9600 230400", "--timeout", "2.5", "--no-gpsd",
                                 "--no-evidence", "--config", "/c", "--state-directory", "", "x"}));
    EXPECT_TRUE(options.json);
    EXPECT_THAT(options.bauds, ElementsAre(4800, 9600, 230400));
    EXPECT_EQ(options.timeout, Moment(2500ms));
    EXPECT_FALSE(options.useGpsd);
    EXPECT_FALSE(options.useEvidence);
    EXPECT_EQ(options.configPath, "/c");
    EXPECT_EQ(options.stateDirectory, "");
    EXPECT_EQ(std::get<Options>(parse({"--hand-over", "/dev/x"})).mode, Mode::handOver);
    EXPECT_EQ(std::get<Options>(parse({"--take-back", "/dev/x", "--gpsd", "/s"})).mode, Mode::takeBack);
}

TEST(Options, MistakesEndWithUsage) {
    const std::vector<std::vector<const char*>> mistakes{{},
                                                         {"a", "b"},
                                                         {"--none", "a"},
                                                         {"--bauds", "", "a"},
                                                         {"--bauds", "fast", "a"},
                                                         {"--bauds", "9600;4800", "a"},
                                                         {"--bauds", "300", "a"},
                                                         {"--timeout", "0", "a"},
                                                         {"--timeout", "never", "a"},
                                                         {"--timeout", "1e9", "a"},
                                                         {"--no-gpsd", "--gpsd", "/s", "a"},
                                                         {"--hand-over", "--take-back", "/dev/x"},
                                                         {"--hand-over", "--no-gpsd", "/dev/x"},
                                                         {"--hand-over", "ttyUSB0"},
                                                         {"--take-back", "/dev/tty USB0"}};
    for (const auto& mistake : mistakes) {
        const auto result = parse(mistake);
        ASSERT_TRUE(std::holds_alternative<int>(result)) << (mistake.empty() ? "nothing" : mistake.front());
        EXPECT_EQ(std::get<int>(result), 64);
    }
    EXPECT_EQ(std::get<int>(parse({"--help"})), 0);
    EXPECT_EQ(std::get<int>(parse({"--version"})), 0);
}

TEST(Rates, AreReadInOrderWithoutRepetitions) {
    EXPECT_THAT(parseRates("9600 4800,9600").value(), ElementsAre(9600, 4800));
    EXPECT_FALSE(parseRates(""));
    EXPECT_FALSE(parseRates(" , "));
    EXPECT_FALSE(parseRates("9600 48OO"));
    EXPECT_FALSE(parseRates("99999999999999999999"));
    EXPECT_FALSE(parseRates("-9600"));
    EXPECT_FALSE(
        parseRates("1200 1201 1202 1203 1204 1205 1206 1207 1208 1209 1210 1211 1212 1213 1214 1215 1216"));
}

TEST(Report, JsonHasTheNamedFields) {
    const Finding finding{4800, Protocol::nmea, "GP", 2, 612345us, Method::evidence};
    EXPECT_EQ(toJson("/dev/ttyUSB0", finding),
              R"({"device":"/dev/ttyUSB0","baud":4800,"protocol":"nmea","talker":"GP","sentences":2,)"
              R"("elapsed_ms":612,"method":"evidence"})");
}

TEST(Report, WhatIsNotThereIsNull) {
    const Finding finding{std::nullopt, Protocol::ubx, "", 2, 1s, Method::rateless};
    const auto json = nlohmann::json::parse(toJson("/dev/tty\xff\"", finding));
    EXPECT_TRUE(json["baud"].is_null());
    EXPECT_TRUE(json["talker"].is_null());
    EXPECT_EQ(json["protocol"], "ubx");
    EXPECT_EQ(json["method"], "rateless");
}

TEST(Report, SentencesForPeople) {
    EXPECT_EQ(foundMessage("/dev/ttyUSB0", {4800, Protocol::nmea, "GP", 2, 612ms, Method::evidence}),
              "found a GPS receiver on /dev/ttyUSB0: NMEA 0183 (GP) at 4800 bit/s, after 0.6 s");
    EXPECT_EQ(foundMessage("/dev/ttyACM0", {std::nullopt, Protocol::ubx, "", 2, 1s, Method::rateless}),
              "found a GPS receiver on /dev/ttyACM0: UBX, after 1.0 s");
    EXPECT_EQ(notFoundMessage("/dev/ttyUSB0", {9600, 4800}, false, 0, 4400ms),
              "no GPS receiver on /dev/ttyUSB0: nothing was heard in 4.4 s at 9600, 4800 bit/s");
    EXPECT_THAT(notFoundMessage("/dev/ttyACM0", {9600}, true, 17, 4400ms), HasSubstr("17 bytes came"));
}

} // namespace
} // namespace stinky::gps
