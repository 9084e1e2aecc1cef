#include "gps/service/port_check.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "temporary_directory.h"

namespace stinky::gps {
namespace {

using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Optional;

namespace fs = std::filesystem;

const PortNames dongle{"/dev/ttyUSB0", "usb-FTDI_FT232R_A1-if00-port0", "0403:6001"};

TEST(PortLists, MatchByNameByIdAndByUsbId) {
    for (const char* pattern : {"/dev/ttyUSB*", "usb-FTDI_*", "/dev/serial/by-id/usb-FTDI*A1*", "0403:6001",
                                "0403:*", "usb-ftdi*"})
        EXPECT_TRUE(matchesAny(dongle, {"067b:2303", pattern})) << pattern;
    for (const char* pattern : {"/dev/ttyACM*", "usb-FTDI", "6001", "0403"})
        EXPECT_FALSE(matchesAny(dongle, {pattern})) << pattern;
    EXPECT_FALSE(matchesAny({"/dev/ttyAMA0", "ttyAMA0", ""}, {"?*:*", ""})) << "no USB device has no id";
}

TEST(PortLists, LetAllThroughWhenTheyAreEmpty) {
    EXPECT_EQ(refusedBySettings(dongle, {}, {}, {}), std::nullopt);
}

TEST(PortLists, DenyBeatsAllowAndNamedPorts) {
    EXPECT_THAT(refusedBySettings(dongle, {}, {"067b:*"}, {}), Optional(HasSubstr("GPS_ALLOW")));
    EXPECT_EQ(refusedBySettings(dongle, {"/dev/ttyUSB0"}, {"067b:*"}, {}), std::nullopt);
    EXPECT_THAT(refusedBySettings(dongle, {"/dev/ttyUSB0"}, {"0403:*"}, {"usb-FTDI*"}),
                Optional(HasSubstr("GPS_DENY")));
}

/// A machine of folders, with /dev/null's twin as its serial port.
class PortCheck : public ::testing::Test {
protected:
    PortCheck() {
        fs::create_directories(root_ / "sys/class/tty/console");
        fs::create_directories(root_ / "proc");
        const std::string usb = root_ / "sys/devices/usb1/1-1";
        fs::create_directories(usb + "/1-1:1.0/ttyUSB0");
        std::ofstream(usb + "/idVendor") << "0403\n";
        std::ofstream(usb + "/idProduct") << "6001\n";
        fs::create_directories(root_ / "sys/class/tty/null");
        fs::create_directory_symlink(usb + "/1-1:1.0/ttyUSB0", root_ / "sys/class/tty/null/device");
    }

    std::optional<PortRefusal> check(const std::string& settings = "") {
        PortSurroundings surroundings;
        surroundings.folders.sys = root_ / "sys";
        surroundings.proc = root_ / "proc";
        surroundings.unitState = [this](const std::string& unit) {
            return unit == login_ ? "active" : "inactive";
        };
        return checkPort("/dev/null", Config::parse(settings), surroundings);
    }

    static auto refused(PortRefusal::Kind kind, const char* why) {
        return Optional(AllOf(Field(&PortRefusal::kind, kind), Field(&PortRefusal::why, HasSubstr(why))));
    }

    test::TemporaryDirectory root_;
    std::string login_;
};

TEST_F(PortCheck, FindsTheUsbIdAboveThePort) {
    EXPECT_EQ(usbIdOf("/dev/null", root_ / "sys"), "0403:6001");
    EXPECT_EQ(usbIdOf("/dev/zero", root_ / "sys"), "");
}

TEST_F(PortCheck, LetsAFreePortThrough) {
    EXPECT_FALSE(check().has_value());
}

TEST_F(PortCheck, HeedsTheSettings) {
    EXPECT_THAT(check("GPS_DENY=0403:6001"), refused(PortRefusal::Kind::settings, "GPS_DENY"));
    EXPECT_THAT(check("GPS_ALLOW=067b:*"), refused(PortRefusal::Kind::settings, "GPS_ALLOW"));
}

TEST_F(PortCheck, NamesTheLoginAndHowToEndIt) {
    login_ = "serial-getty@null.service";
    EXPECT_THAT(check(),
                refused(PortRefusal::Kind::login, "systemctl disable --now serial-getty@null.service"));
}

TEST_F(PortCheck, LeavesTheKernelsConsoleAlone) {
    std::ofstream(root_ / "sys/class/tty/console/active") << "tty0 null\n";
    EXPECT_THAT(check(), refused(PortRefusal::Kind::console, "console="));
}

TEST_F(PortCheck, NamesWhoHasItOpen) {
    const std::string process = root_ / "proc/4711";
    fs::create_directories(process + "/fd");
    fs::create_symlink("/dev/null", process + "/fd/7");
    std::ofstream(process + "/comm") << "ModemManager\n";
    EXPECT_THAT(check(), refused(PortRefusal::Kind::held, "ModemManager (process 4711) has it open"));
}

} // namespace
} // namespace stinky::gps
