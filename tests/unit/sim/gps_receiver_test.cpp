#include "sim/gps_receiver.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "unit/sim/nmea_reader.h"

namespace stinky::sim::test {

namespace {

const UtcTime noon = std::chrono::sys_days{std::chrono::year{2024} / 5 / 17} + std::chrono::hours(12);

std::string burstAt(GpsReceiver& receiver, double sinceStart) {
    const auto bytes = receiver.burst(noon, sinceStart);
    return {bytes.begin(), bytes.end()};
}

ReceiverOptions with(Output output) {
    ReceiverOptions options;
    options.output = output;
    return options;
}

} // namespace

TEST(GpsReceiver, TheFixComesWhenItsTimeHasCome) {
    ReceiverOptions options;
    options.fixAfter = 5;
    GpsReceiver receiver(options);
    EXPECT_EQ(findSentence(burstAt(receiver, 4.9), "RMC")->at(2), "V");
    EXPECT_EQ(findSentence(burstAt(receiver, 5), "RMC")->at(2), "A");
}

TEST(GpsReceiver, WithoutAFixItNeverComes) {
    ReceiverOptions options;
    options.fix = false;
    GpsReceiver receiver(options);
    EXPECT_EQ(findSentence(burstAt(receiver, 1e6), "RMC")->at(2), "V");
}

TEST(GpsReceiver, TwoSatellitesAreNotEnough) {
    ReceiverOptions options;
    options.satellites = 2;
    EXPECT_FALSE(GpsReceiver(options).fixAt(noon, 10).valid);
    options.satellites = 3;
    EXPECT_EQ(GpsReceiver(options).fixAt(noon, 10).mode(), 2);
    options.satellites = 4;
    EXPECT_EQ(GpsReceiver(options).fixAt(noon, 10).mode(), 3);
}

TEST(GpsReceiver, ARouteOverridesThePosition) {
    std::istringstream text("0 48 11\n10 49 11\n");
    ReceiverOptions options;
    options.route = Route::parse(text, 0);
    const GpsFix fix = GpsReceiver(options).fixAt(noon, 5);
    EXPECT_DOUBLE_EQ(fix.position.latitude, 48.5);
    EXPECT_GT(fix.motion.speed, 0);
}

TEST(GpsReceiver, NoiseBeginsNoPacketAndRepeatsWithItsSeed) {
    GpsReceiver receiver(with(Output::Noise));
    GpsReceiver twin(with(Output::Noise));
    const std::string noise = burstAt(receiver, 0);
    EXPECT_GE(noise.size(), 100U);
    EXPECT_EQ(noise.find_first_of("$!\xb5\xd3\xa0\x10"), std::string::npos);
    EXPECT_EQ(noise, burstAt(twin, 0));
    EXPECT_NE(noise, burstAt(receiver, 1));
}

TEST(GpsReceiver, ChatterIsPrintableAndNotNmea) {
    GpsReceiver receiver(with(Output::Chatter));
    const std::string text = burstAt(receiver, 1.5);
    EXPECT_EQ(text.find('$'), std::string::npos);
    EXPECT_TRUE(std::all_of(text.begin(), text.end(),
                            [](char c) { return (c >= ' ' && c <= '~') || c == '\r' || c == '\n'; }));
    EXPECT_TRUE(text.ends_with("\r\n"));
}

TEST(GpsReceiver, UbxAloneHasNoNmeaInIt) {
    GpsReceiver receiver(with(Output::Ubx));
    const std::string bytes = burstAt(receiver, 0);
    EXPECT_EQ(bytes.substr(0, 4), "\xb5\x62\x01\x07");
    EXPECT_TRUE(validSentences(bytes).empty());
}

TEST(GpsReceiver, SilenceIsEmpty) {
    GpsReceiver receiver(with(Output::Silent));
    EXPECT_TRUE(burstAt(receiver, 0).empty());
}

} // namespace stinky::sim::test
