#include "common/gpsd_client.h"
#include "common/part_status.h"

#include <gmock/gmock.h>

#include "gpsd_stream.h"
#include "turn_until.h"

namespace stinky {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;

class GpsdClientTest : public ::testing::Test {
protected:
    bool until(const std::function<bool()>& done) { return test::turnUntil(loop_, done); }

    void greet() {
        ASSERT_TRUE(until([&] { return client_.state().answered; }));
    }

    EventLoop loop_;
    test::GpsdStream gpsd_{loop_};
    GpsdClient client_{loop_, gpsd_.endpoint(), [] {
                       }};
};

TEST_F(GpsdClientTest, KnowsTheReceiverItsSpeedAndItsSatellites) {
    greet();
    EXPECT_THAT(positionProblem(client_.state(), monotonicSeconds()), HasSubstr("no GPS receiver"));
    gpsd_.say(test::gpsdDevice);
    gpsd_.say(test::gpsdFix);
    gpsd_.say(test::gpsdSky);
    ASSERT_TRUE(until([&] { return !client_.state().satellites.empty(); }));
    const GpsState& state = client_.state();
    EXPECT_THAT(state.devices, ElementsAre("/dev/ttyUSB0"));
    EXPECT_EQ(state.receivers.at("/dev/ttyUSB0").driver, "NMEA0183");
    EXPECT_EQ(state.receivers.at("/dev/ttyUSB0").baud, 4800U);
    EXPECT_THAT(state.fix.time, Optional(1795536001.0));
    EXPECT_EQ(state.satellitesSeen, 3);
    EXPECT_EQ(state.satellitesUsed, 2);
    ASSERT_THAT(state.satellites, SizeIs(3));
    EXPECT_EQ(state.satellites[1].gnss, 6);
    EXPECT_THAT(state.satellites[0].signal, Optional(42.0));
    EXPECT_TRUE(state.satellites[0].used);
    EXPECT_THAT(state.satellites[2].elevation, Eq(std::nullopt));
    EXPECT_THAT(state.satellites[2].signal, Eq(std::nullopt));
}

TEST_F(GpsdClientTest, ForgetsAllOfAReceiverThatWent) {
    greet();
    gpsd_.say(test::gpsdDevice);
    gpsd_.say(test::gpsdSky);
    ASSERT_TRUE(until([&] { return !client_.state().satellites.empty(); }));
    // gpsd says nothing more, and lists none when it is asked.
    gpsd_.listAs(R"({"class":"DEVICES","devices":[]})");
    ASSERT_TRUE(until([&] { return client_.state().devices.empty(); }));
    EXPECT_THAT(client_.state().receivers, IsEmpty());
    EXPECT_THAT(client_.state().satellites, IsEmpty());
}

TEST_F(GpsdClientTest, ConnectsAgainAfterALoss) {
    greet();
    gpsd_.hangUp();
    ASSERT_TRUE(until([&] { return !client_.state().connected; }));
    client_.retryNow();
    EXPECT_TRUE(until([&] { return client_.state().answered; }));
    EXPECT_EQ(gpsd_.connections(), 2);
}

TEST_F(GpsdClientTest, AsksForTheSpeedOfAReceiverThatReports) {
    greet();
    gpsd_.say(R"({"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyUSB0"}]})");
    gpsd_.listAs(test::gpsdDevice);
    gpsd_.say(test::gpsdNoFix);
    gpsd_.say(test::gpsdNoFix);
    ASSERT_TRUE(until([&] {
        return client_.state().receivers.contains("/dev/ttyUSB0") &&
               client_.state().receivers.at("/dev/ttyUSB0").baud == 4800;
    }));
    EXPECT_EQ(gpsd_.heard().find("?DEVICES;"), gpsd_.heard().rfind("?DEVICES;")) << "asked once";
}

// The two take 10 s and more: gpsd may be silent for long and be well.
TEST_F(GpsdClientTest, AsksAGpsdThatIsSilentAndKeepsItWhenItAnswers) {
    greet();
    ASSERT_TRUE(until([&] { return gpsd_.heard().find("?DEVICES;") != std::string::npos; }));
    loop_.runOnce(std::chrono::milliseconds(100));
    EXPECT_TRUE(client_.state().connected);
    EXPECT_EQ(gpsd_.connections(), 1);
}

TEST_F(GpsdClientTest, LosesAGpsdThatTakesTheConnectionAndSaysNothing) {
    gpsd_.beSilent();
    ASSERT_TRUE(until([&] { return client_.state().connected; }));
    EXPECT_FALSE(client_.state().answered);
    EXPECT_THAT(positionProblem(client_.state(), monotonicSeconds()), HasSubstr("gpsd does not answer"));
    ASSERT_TRUE(until([&] { return !client_.state().connected; }));
    EXPECT_THAT(positionProblem(client_.state(), monotonicSeconds()), HasSubstr("nothing was heard"));
}

} // namespace
} // namespace stinky
