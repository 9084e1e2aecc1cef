#include "gps/service/gps_health.h"

#include <gmock/gmock.h>

namespace stinky::gps {
namespace {

using ::testing::HasSubstr;

GpsState answering() {
    GpsState state;
    state.connected = true;
    state.answered = true;
    return state;
}

GpsState withReceiver(int mode, double monotonic) {
    GpsState state = answering();
    state.devices = {"/dev/ttyUSB0"};
    state.receivers["/dev/ttyUSB0"] = {"NMEA0183", 4800};
    state.fix.mode = mode;
    state.fix.latitude = 48.1173;
    state.fix.longitude = 11.516667;
    state.fix.eph = 7.5;
    state.fix.monotonic = monotonic;
    state.satellitesSeen = 11;
    state.satellitesUsed = mode >= 2 ? 8 : 0;
    return state;
}

PartReport reportOf(GpsHealth& health, const GpsState& state, double now,
                    const GpsHealth::Extras& extras = {}) {
    health.observe(state, now);
    return health.report(state, extras, now);
}

TEST(GpsHealth, WaitsForGpsdForAReceiverAndForAFix) {
    GpsHealth health(5);
    PartReport report = reportOf(health, {}, 100);
    EXPECT_EQ(report.state, PartState::waiting);
    EXPECT_THAT(report.reason, HasSubstr("gpsd does not answer"));
    report = reportOf(health, answering(), 101);
    EXPECT_EQ(report.state, PartState::waiting);
    EXPECT_THAT(report.reason, HasSubstr("plug one in"));
    report = reportOf(health, withReceiver(1, 102), 102);
    EXPECT_EQ(report.state, PartState::waiting);
    EXPECT_THAT(report.reason, HasSubstr("waiting for a GPS fix"));
}

TEST(GpsHealth, IsOkWithAFixAndSaysAllOfIt) {
    GpsHealth health(5);
    const PartReport report = reportOf(health, withReceiver(3, 100), 101);
    EXPECT_EQ(report.state, PartState::ok);
    EXPECT_EQ(report.reason, "3D fix");
    EXPECT_EQ(report.inputAge, 1.0);
    EXPECT_EQ(report.counters["mode"], 3);
    EXPECT_EQ(report.counters["satellites"], 8);
    EXPECT_EQ(report.counters["satellites_seen"], 11);
    EXPECT_EQ(report.counters["latitude"], 48.1173);
    EXPECT_EQ(report.counters["eph"], 7.5);
    EXPECT_EQ(report.counters["receivers"][0]["device"], "/dev/ttyUSB0");
    EXPECT_EQ(report.counters["receivers"][0]["baud"], 4800);
}

TEST(GpsHealth, SaysNoPositionThatIsStale) {
    GpsHealth health(5);
    const PartReport report = reportOf(health, withReceiver(3, 100), 106);
    EXPECT_EQ(report.state, PartState::waiting);
    EXPECT_FALSE(report.counters.contains("latitude"));
}

TEST(GpsHealth, IsDegradedAfterMinutesWithoutAFixAndOkWithTheNext) {
    GpsHealth health(5);
    EXPECT_EQ(reportOf(health, withReceiver(1, 100), 100).state, PartState::waiting);
    EXPECT_EQ(reportOf(health, withReceiver(1, 399), 399).state, PartState::waiting);
    const PartReport report = reportOf(health, withReceiver(1, 400), 400);
    EXPECT_EQ(report.state, PartState::degraded);
    EXPECT_EQ(report.reason, "no fix for 5 minutes");
    EXPECT_EQ(reportOf(health, withReceiver(2, 401), 401).state, PartState::ok);
    EXPECT_EQ(reportOf(health, withReceiver(1, 500), 500).state, PartState::waiting)
        << "counted from the loss";
}

TEST(GpsHealth, IsDegradedNotFailedWhenGpsdWasGivenUp) {
    GpsHealth health(5);
    GpsHealth::Extras extras;
    extras.gpsdGivenUp = true;
    const PartReport report = reportOf(health, {}, 100, extras);
    EXPECT_EQ(report.state, PartState::degraded);
    EXPECT_THAT(report.reason, HasSubstr("going on without GPS"));
}

TEST(GpsHealth, TellsAChangeOnce) {
    GpsHealth health(5);
    EXPECT_TRUE(health.observe(withReceiver(3, 100), 100));
    EXPECT_FALSE(health.observe(withReceiver(2, 101), 101)) << "2D or 3D, it is a fix";
    EXPECT_TRUE(health.observe(withReceiver(1, 102), 102));
}

} // namespace
} // namespace stinky::gps
