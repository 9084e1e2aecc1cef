#include "common/error.h"
#include "common/fd.h"
#include "common/gpsd_client.h"
#include "common/part_status.h"

#include <gmock/gmock.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

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

TEST_F(GpsdClientTest, ReadsLinesThatComeInPieces) {
    greet();
    gpsd_.listAs(test::gpsdDevice);
    const std::string line = std::string(test::gpsdDevice) + "\r\n" + test::gpsdFix + "\r\n";
    for (const std::string& piece : {line.substr(0, 100), line.substr(100, 250), line.substr(350)}) {
        gpsd_.sayRaw(piece);
        loop_.runOnce(std::chrono::milliseconds(100));
    }
    ASSERT_TRUE(until([&] { return client_.state().fix.hasPosition(); }));
    EXPECT_THAT(client_.state().devices, ElementsAre("/dev/ttyUSB0"));
    EXPECT_EQ(gpsd_.connections(), 1);
}

TEST_F(GpsdClientTest, LosesWhatIsNoGpsd) {
    greet();
    gpsd_.sayRaw(std::string(60'000, 'x'));
    ASSERT_TRUE(until([&] { return !client_.state().connected; }));
    EXPECT_THAT(client_.state().problem, HasSubstr("no gpsd's"));
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

/// A port that takes no connection: the queue of a listener that accepts none is full, and what the kernel
/// drops is not refused.
class FullPort {
public:
    FullPort() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address_;
        if (!listener_ || bind(listener_.get(), generic(), size) < 0 || listen(listener_.get(), 0) < 0 ||
            getsockname(listener_.get(), generic(), &size) < 0)
            throw Error::fromErrno("listen on", "a port that is full", errno);
        for (Fd& client : clients_) {
            client = Fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            if (connect(client.get(), generic(), size) < 0 && errno != EINPROGRESS)
                throw Error::fromErrno("fill", "a port", errno);
        }
    }

    std::string endpoint() const { return "localhost:" + std::to_string(ntohs(address_.sin_port)); }

private:
    sockaddr* generic() { return reinterpret_cast<sockaddr*>(&address_); }

    sockaddr_in address_ = {};
    Fd listener_;
    std::array<Fd, 4> clients_;
};

TEST(GpsdClient, DoesNotKeepTheLoopWaitingForAGpsdThatTakesNoConnection) {
    EventLoop loop;
    const FullPort port;
    GpsdClient client(loop, port.endpoint(), [] {});
    double lastTick = monotonicSeconds();
    double longestPause = 0;
    Timer tick = loop.addTimer(std::chrono::milliseconds(1), "tick", [&] {
        longestPause = std::max(longestPause, monotonicSeconds() - lastTick);
        lastTick = monotonicSeconds();
        tick.arm(std::chrono::milliseconds(20));
    });
    tick.arm(std::chrono::milliseconds(20));
    ASSERT_TRUE(test::turnUntil(loop, [&] { return !client.state().problem.empty(); }));
    EXPECT_THAT(client.state().problem, HasSubstr("timed out"));
    EXPECT_FALSE(client.state().connected);
    // It gives up after 5 s.
    EXPECT_LT(longestPause, 3);
}

TEST(GpsdClient, AsksNobodyForTheAddressOfAName) {
    EventLoop loop;
    GpsdClient client(loop, "gpsd.example:2947", [] {});
    ASSERT_TRUE(test::turnUntil(loop, [&] { return !client.state().problem.empty(); }));
    EXPECT_THAT(client.state().problem, HasSubstr("connect to gpsd.example:2947 failed: Cannot assign"));
}

} // namespace
} // namespace stinky
