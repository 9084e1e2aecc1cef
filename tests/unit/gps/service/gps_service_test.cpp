#include "common/atomic_file.h"
#include "common/error.h"
#include "gps/service/gps_service.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "gpsd_stream.h"
#include "notify_socket.h"
#include "temporary_directory.h"
#include "turn_until.h"

namespace stinky::gps {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr double gpsTime = 1795536001; // of test::gpsdFix

class GpsServiceTest : public ::testing::Test {
protected:
    Config settings(const std::string& more) const {
        return Config::parse("GPSD=" + gpsd_.endpoint() + "\n" + more);
    }

    GpsEffects effects() {
        return {[this] {
                    ++restarts_;
                    if (refuse_)
                        throw Error("restart", "gpsd.service", "polkit says no");
                },
                [this] { return wall_; }, [] { return false; },
                [this](double time) {
                    set_.push_back(time);
                    wall_ = time;
                }};
    }

    bool until(const std::function<bool()>& done, std::chrono::seconds limit = std::chrono::seconds(60)) {
        return test::turnUntil(loop_, done, limit);
    }

    nlohmann::json status() const {
        try {
            return nlohmann::json::parse(readFile(directory_ / "gps.json"));
        } catch (const Error&) {
            return {{"state", "none"}};
        }
    }

    test::TemporaryDirectory directory_;
    EventLoop loop_;
    test::GpsdStream gpsd_{loop_};
    test::NotifySocket systemd_{loop_, directory_ / "notify"};
    int restarts_ = 0;
    bool refuse_ = false;
    double wall_ = gpsTime;
    std::vector<double> set_;
};

TEST_F(GpsServiceTest, IsReadyWhenAReceiverIsDecodedAlsoWithoutAFix) {
    const GpsService service(loop_, settings("GPS_WAIT=60"), directory_.path(), effects());
    ASSERT_TRUE(until([&] { return gpsd_.connections() == 1; }));
    gpsd_.say(test::gpsdDevice);
    ASSERT_TRUE(until([&] { return status()["counters"]["receivers"].size() == 1; }));
    EXPECT_FALSE(systemd_.ready()) << "a device in a list is no data yet";
    gpsd_.say(test::gpsdNoFix);
    EXPECT_TRUE(until([&] { return systemd_.ready(); }, std::chrono::seconds(20)));
    EXPECT_EQ(status()["state"], "waiting");
}

TEST_F(GpsServiceTest, IsReadyWithoutGpsWhenTheWaitIsOver) {
    const GpsService service(loop_, settings("GPS_WAIT=1"), directory_.path(), effects());
    EXPECT_TRUE(until([&] { return systemd_.ready(); }, std::chrono::seconds(20)));
    EXPECT_THAT(status()["reason"], HasSubstr("no GPS receiver"));
}

TEST_F(GpsServiceTest, ReportsTheFixAndItsLoss) {
    const GpsService service(loop_, settings(""), directory_.path(), effects());
    ASSERT_TRUE(until([&] { return gpsd_.connections() == 1; }));
    gpsd_.say(test::gpsdDevice);
    gpsd_.say(test::gpsdSky);
    gpsd_.say(test::gpsdFix);
    ASSERT_TRUE(until([&] { return status()["state"] == "ok"; }));
    EXPECT_EQ(status()["counters"]["eph"], 7.5);
    // No word of gpsd's: the position goes stale by itself.
    EXPECT_TRUE(until([&] { return status()["state"] == "waiting"; }));
}

TEST_F(GpsServiceTest, RestartsAGpsdThatHangsAndGoesOnWhenThatIsRefused) {
    refuse_ = true;
    gpsd_.beSilent();
    const GpsService service(loop_, settings("GPS_WAIT=0"), directory_.path(), effects());
    ASSERT_TRUE(until([&] { return restarts_ == 1; }));
    EXPECT_EQ(status()["state"], "waiting");
    gpsd_.answer();
    EXPECT_TRUE(until([&] { return status()["reason"] == "no position: no GPS receiver, plug one in"; }));
    EXPECT_EQ(status()["counters"]["gpsd_restarts"], 1);
}

TEST_F(GpsServiceTest, SetsTheClockOnceWhenItIsAskedTo) {
    wall_ = gpsTime - 86400;
    const GpsService service(loop_, settings("GPS_TIME=yes"), directory_.path(), effects());
    ASSERT_TRUE(until([&] { return gpsd_.connections() == 1; }));
    gpsd_.say(test::gpsdDevice);
    for (int second = 1; second <= 4; ++second) {
        gpsd_.say(
            R"({"class":"TPV","device":"/dev/ttyUSB0","mode":3,"lat":1,"lon":2,"time":"2026-11-24T16:00:0)" +
            std::to_string(second) + R"(.000Z"})");
        // The receiver's seconds must pass as ours do.
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
        test::turnUntil(loop_, [&] { return std::chrono::steady_clock::now() >= end; });
    }
    EXPECT_THAT(set_, ElementsAre(DoubleNear(gpsTime + 2, 0.7)));
    EXPECT_TRUE(until([&] { return status()["counters"]["time_set"] == true; }));
    EXPECT_TRUE(until([&] { return status()["counters"]["time_trusted"] == true; }));
}

TEST_F(GpsServiceTest, SaysWhenGpsdMakesNoSenseOfAReceiver) {
    const GpsService service(loop_, settings("GPS_WAIT=0"), directory_.path(), effects());
    ASSERT_TRUE(until([&] { return gpsd_.connections() == 1; }));
    testing::internal::CaptureStderr();
    gpsd_.say(
        R"({"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyUSB0","activated":"2026-11-24T16:00:00Z"}]})");
    std::string said;
    EXPECT_TRUE(until([&] {
        std::fflush(stderr);
        said += testing::internal::GetCapturedStderr();
        testing::internal::CaptureStderr();
        return said.find("makes no sense of it") != std::string::npos;
    }));
    testing::internal::GetCapturedStderr();
    EXPECT_THAT(said, HasSubstr("/dev/ttyUSB0"));
}

} // namespace
} // namespace stinky::gps
