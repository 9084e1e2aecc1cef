#include "ctl/gps_view.h"

#include <gmock/gmock.h>

namespace stinky::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

GpsState withFix() {
    GpsState state;
    state.connected = true;
    state.answered = true;
    state.devices = {"/dev/ttyUSB0"};
    state.receivers["/dev/ttyUSB0"] = {"NMEA0183", 4800};
    state.fix.mode = 3;
    state.fix.latitude = 48.1173;
    state.fix.longitude = 11.516667;
    state.fix.altitudeMsl = 545.4;
    state.fix.eph = 7.5;
    state.fix.monotonic = 100;
    state.satellitesSeen = 3;
    state.satellitesUsed = 2;
    state.satellites = {{12, 0, std::nullopt, 77, std::nullopt, false},
                        {66, 6, 10, 310, 25, true},
                        {5, 0, 45, 120, 50, true}};
    return state;
}

TEST(GpsView, ShowsFixPositionAndTheSatellitesTheStrongestFirst) {
    EXPECT_EQ(renderGps(withFix(), 101, false), R"(● 3D fix, 2 of 3 satellites used
  Receiver   /dev/ttyUSB0, NMEA0183, 4800 bit/s
  Position   48.117300 11.516667 ±8 m
  Altitude   545.4 m above sea level

  SYSTEM   PRN  ELEV  AZIM USED  dB    SIGNAL
  GPS        5    45   120  yes  50    ████████████████████
  GLONASS   66    10   310  yes  25    ██████████
  GPS       12     -    77   no  -
)");
}

TEST(GpsView, ShowsNoPositionThatIsStale) {
    const std::string text = renderGps(withFix(), 200, false);
    EXPECT_THAT(text, HasSubstr("waiting for a GPS fix"));
    EXPECT_THAT(text, Not(HasSubstr("48.117")));
}

TEST(GpsView, SaysWhatIsMissing) {
    EXPECT_THAT(renderGps({}, 100, false), HasSubstr("gpsd does not answer"));
    GpsState state;
    state.connected = true;
    state.answered = true;
    EXPECT_THAT(renderGps(state, 100, false), HasSubstr("plug one in"));
}

TEST(GpsView, WhatGpsdSaysOfAReceiverCannotSteerTheTerminal) {
    GpsState state = withFix();
    state.devices = {"/dev/\033[2J"};
    state.receivers["/dev/\033[2J"] = {"\033]0;x\aNMEA", 0};
    EXPECT_THAT(renderGps(state, 101, false), HasSubstr("  Receiver   /dev/[2J, ]0;xNMEA\n"));
}

TEST(GpsView, BearsSignalsAndSystemsThatCannotBe) {
    GpsState state = withFix();
    state.satellites = {{1, 99, 0, 0, 1e9, true}, {2, -1, 0, 0, 0, true}};
    EXPECT_THAT(renderGps(state, 101, true), HasSubstr("?"));
}

} // namespace
} // namespace stinky::ctl
