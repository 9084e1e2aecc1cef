#include "common/error.h"
#include "gps/gpsd_control.h"

#include <gmock/gmock.h>

#include <unistd.h>

#include <cerrno>

#include "fake_gpsd.h"
#include "temporary_directory.h"

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Dialect = FakeGpsd::Dialect;
using Mood = FakeGpsd::Mood;
using Result = GpsdReply::Result;

struct ReplyCase {
    const char* text;
    Result result;
    std::vector<std::string> devices;
};

class GpsdReplies : public testing::TestWithParam<ReplyCase> {};

TEST_P(GpsdReplies, AreRead) {
    const GpsdReply reply = parseGpsdReply(GetParam().text);
    EXPECT_EQ(reply.result, GetParam().result) << GetParam().text;
    EXPECT_EQ(reply.devices, GetParam().devices) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Table, GpsdReplies,
    testing::Values(ReplyCase{"", Result::pending, {}}, ReplyCase{"OK", Result::pending, {}},
                    ReplyCase{"OK\n", Result::ok, {}}, ReplyCase{"ERROR\n", Result::error, {}},
                    ReplyCase{"{\"class\":\"ACK\"}\r\n", Result::ok, {}},
                    ReplyCase{"{\"class\":\"ERROR\"}\r\n", Result::error, {}},
                    ReplyCase{"{\"class\":\"ERROR\",\"message\":\"/dev/x OK?\"}\r\n", Result::error, {}},
                    ReplyCase{"/dev/ttyUSB0\n\n\n\nOK\n", Result::ok, {"/dev/ttyUSB0"}},
                    ReplyCase{"/dev/ttyUSB0\r\n/dev/ttyOK\r\n{\"class\":\"OK\"}\r\n",
                              Result::ok,
                              {"/dev/ttyUSB0", "/dev/ttyOK"}},
                    ReplyCase{
                        "ntrip://user:ERROR@host/OK\nOK\n", Result::ok, {"ntrip://user:ERROR@host/OK"}},
                    ReplyCase{"/dev/ttyUSB0\n/dev/tty", Result::pending, {"/dev/ttyUSB0"}},
                    ReplyCase{"\xff\n\n", Result::pending, {"\xff"}}));

TEST(GpsdPath, OnlyWhatTheControlLanguageCanCarry) {
    EXPECT_TRUE(isGpsdPath("/dev/ttyUSB0"));
    EXPECT_TRUE(isGpsdPath("/dev/serial/by-id/usb-u-blox_AG-if00"));
    for (const char* bad : {"", "ttyUSB0", "/dev/tty USB0", "/dev/tty\nUSB0", "/dev/tt\xc3\xa9"})
        EXPECT_FALSE(isGpsdPath(bad)) << bad;
    EXPECT_FALSE(isGpsdPath("/" + std::string(200, 'x')));
}

class BothDialects : public testing::TestWithParam<Dialect> {
protected:
    test::TemporaryDirectory folder_;
    std::string socket_ = folder_ / "gpsd.sock";
};

INSTANTIATE_TEST_SUITE_P(Gpsd, BothDialects, testing::Values(Dialect::words, Dialect::json));

TEST_P(BothDialects, ADeviceIsAddedAndRemoved) {
    FakeGpsd gpsd(socket_, GetParam());
    const GpsdControl control(socket_, 5s);
    EXPECT_EQ(control.add("/dev/ttyUSB0"), GpsdControl::Added::added);
    EXPECT_THAT(gpsd.devices(), ElementsAre("/dev/ttyUSB0"));
    EXPECT_EQ(control.remove("/dev/ttyUSB0"), GpsdControl::Removed::removed);
    EXPECT_THAT(gpsd.devices(), IsEmpty());
    EXPECT_THAT(gpsd.commands(), ElementsAre("?devices", "+/dev/ttyUSB0", "?devices", "-/dev/ttyUSB0"));
}

TEST_P(BothDialects, ADeviceThatSomebodyElseAddedIsLeftAlone) {
    FakeGpsd gpsd(socket_, GetParam());
    gpsd.hold("/dev/ttyUSB0");
    EXPECT_EQ(GpsdControl(socket_, 5s).add("/dev/ttyUSB0"), GpsdControl::Added::alreadyThere);
    EXPECT_THAT(gpsd.commands(), ElementsAre("?devices"));
}

TEST_P(BothDialects, ADeviceThatIsNotThereNeedsNoRemoving) {
    FakeGpsd gpsd(socket_, GetParam());
    EXPECT_EQ(GpsdControl(socket_, 5s).remove("/dev/ttyUSB0"), GpsdControl::Removed::notThere);
    EXPECT_THAT(gpsd.commands(), ElementsAre("?devices"));
}

std::string failureOf(const GpsdControl& control) {
    try {
        control.add("/dev/ttyUSB0");
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

TEST_P(BothDialects, ARefusalIsAnError) {
    FakeGpsd gpsd(socket_, GetParam(), Mood::refusing);
    EXPECT_THAT(failureOf(GpsdControl(socket_, 5s)), HasSubstr("refused"));
    EXPECT_THROW(GpsdControl(socket_, 5s).add("/dev/ttyUSB0"), Error);
}

TEST_P(BothDialects, SilenceHasADeadline) {
    FakeGpsd gpsd(socket_, GetParam(), Mood::silent);
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THAT(failureOf(GpsdControl(socket_, 200ms)), HasSubstr("did not answer"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    EXPECT_THROW(GpsdControl(socket_, 200ms).remove("/dev/ttyUSB0"), Error)
        << "it may have the device still";
}

TEST_P(BothDialects, AConnectionThatIsClosedIsAnErrorAndNothingToTakeBackFrom) {
    FakeGpsd gpsd(socket_, GetParam(), Mood::hangingUp);
    EXPECT_NE(failureOf(GpsdControl(socket_, 5s)), "none");
    EXPECT_EQ(GpsdControl(socket_, 5s).remove("/dev/ttyUSB0"), GpsdControl::Removed::gpsdGone);
}

TEST(GpsdControl, AMissingSocketIsNamed) {
    test::TemporaryDirectory folder;
    const GpsdControl control(folder / "none.sock", 5s);
    EXPECT_THAT(failureOf(control), HasSubstr("gpsd.socket is not running"));
    EXPECT_EQ(control.remove("/dev/ttyUSB0"), GpsdControl::Removed::gpsdGone);
}

TEST(GpsdControl, ASocketWithoutListenerIsNamed) {
    test::TemporaryDirectory folder;
    const std::string path = folder / "gpsd.sock";
    { FakeGpsd gpsd(folder / "other.sock", Dialect::words); }
    ASSERT_EQ(symlink((folder / "other.sock").c_str(), path.c_str()), 0);
    EXPECT_EQ(GpsdControl(path, 5s).remove("/dev/ttyUSB0"), GpsdControl::Removed::gpsdGone);
}

TEST(GpsdControl, AForbiddenSocketSaysWhy) {
    if (geteuid() == 0)
        GTEST_SKIP() << "nothing is forbidden to root";
    test::TemporaryDirectory folder;
    FakeGpsd gpsd(folder / "gpsd.sock", Dialect::words);
    std::filesystem::permissions(folder / "gpsd.sock", std::filesystem::perms::none);
    const GpsdControl control(folder / "gpsd.sock", 5s);
    EXPECT_THAT(failureOf(control), HasSubstr("SocketMode"));
    EXPECT_THROW(control.remove("/dev/ttyUSB0"), Error);
}

TEST(GpsdControl, AFullPoolIsAnError) {
    test::TemporaryDirectory folder;
    FakeGpsd gpsd(folder / "gpsd.sock", Dialect::words);
    for (const char* device : {"/dev/a", "/dev/b", "/dev/c", "/dev/d"})
        gpsd.hold(device);
    EXPECT_THAT(failureOf(GpsdControl(folder / "gpsd.sock", 5s)), HasSubstr("pool"));
}

} // namespace
} // namespace stinky::gps
