#include "gps/last_rate.h"
#include "gps/port_holder.h"
#include "gps/serial_device.h"
#include "gps/termios_port.h"
#include "sim/pty.h"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

#include "temporary_directory.h"

namespace stinky::gps {
namespace {

using testing::HasSubstr;

namespace fs = std::filesystem;

termios settingsOf(const std::string& path) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    EXPECT_EQ(tcgetattr(fd.get(), &settings), 0);
    return settings;
}

std::string why(const std::function<void()>& action) {
    try {
        action();
    } catch (const PortBusy& busy) {
        return std::string("busy: ") + busy.why();
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

TEST(TermiosPort, ItsOwnSettingsComeBack) {
    sim::Pty pty;
    const termios before = settingsOf(pty.slavePath());
    {
        TermiosPort port(pty.slavePath());
        EXPECT_TRUE(port.setBaud(57600));
        EXPECT_EQ(pty.readerBaud(), 57600U);
        EXPECT_EQ(port.baud(), 57600U);
    }
    const termios after = settingsOf(pty.slavePath());
    EXPECT_EQ(after.c_iflag, before.c_iflag);
    EXPECT_EQ(after.c_cflag, before.c_cflag);
    EXPECT_EQ(after.c_lflag, before.c_lflag);
    EXPECT_EQ(cfgetispeed(&after), cfgetispeed(&before));
}

TEST(TermiosPort, AKeptSpeedStaysAndIsOneThatTermiosKnows) {
    sim::Pty pty;
    {
        TermiosPort port(pty.slavePath());
        port.setBaud(4800);
        port.keep();
    }
    const termios after = settingsOf(pty.slavePath());
    EXPECT_EQ(cfgetospeed(&after), static_cast<speed_t>(B4800));
    EXPECT_EQ(cfgetispeed(&after), static_cast<speed_t>(B4800));
    EXPECT_EQ(after.c_cflag & CSIZE, static_cast<tcflag_t>(CS8));
    EXPECT_EQ(after.c_cflag & (HUPCL | CRTSCTS | PARENB | CSTOPB), 0U);
    EXPECT_NE(after.c_cflag & CLOCAL, 0U);
    EXPECT_EQ(after.c_iflag, 0U);
    EXPECT_EQ(after.c_lflag, 0U);
}

TEST(TermiosPort, EverySpeedIncludingUnusualOnesIsSet) {
    sim::Pty pty;
    TermiosPort port(pty.slavePath());
    for (const unsigned baud : {1200U, 4800U, 14400U, 19200U, 230400U, 250000U, 921600U, 1000000U}) {
        EXPECT_TRUE(port.setBaud(baud)) << baud;
        EXPECT_EQ(pty.readerBaud(), baud);
    }
}

TEST(TermiosPort, BytesArriveAsTheyAre) {
    sim::Pty pty;
    TermiosPort port(pty.slavePath());
    std::array<std::uint8_t, 256> all{};
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<std::uint8_t>(i);
    std::array<std::uint8_t, 1024> got{};
    EXPECT_EQ(port.read(got), 0U) << "nothing there yet";
    pty.deliver(all);
    pollfd wait{port.fd(), POLLIN, 0};
    std::size_t count = 0;
    while (count < all.size() && poll(&wait, 1, 5000) == 1)
        count += port.read(std::span(got).subspan(count));
    ASSERT_EQ(count, all.size());
    EXPECT_TRUE(std::equal(all.begin(), all.end(), got.begin()));
}

TEST(TermiosPort, ANewSpeedDropsWhatCameBefore) {
    sim::Pty pty;
    TermiosPort port(pty.slavePath());
    pty.deliver(std::array<std::uint8_t, 4>{'o', 'l', 'd', '!'});
    pollfd wait{port.fd(), POLLIN, 0};
    ASSERT_EQ(poll(&wait, 1, 5000), 1);
    port.setBaud(4800);
    std::array<std::uint8_t, 64> got{};
    EXPECT_EQ(port.read(got), 0U);
}

TEST(TermiosPort, AnUnpluggedDeviceIsAnError) {
    auto pty = std::make_unique<sim::Pty>();
    TermiosPort port(pty->slavePath());
    pty.reset();
    std::array<std::uint8_t, 64> got{};
    EXPECT_THAT(why([&] { port.read(got); }), HasSubstr("unplugged"));
}

TEST(TermiosPort, WhatIsNoSerialPortIsRefused) {
    test::TemporaryDirectory folder;
    std::ofstream(folder / "file") << "text";
    EXPECT_THAT(why([&] { TermiosPort port(folder / "file"); }), HasSubstr("not a serial port"));
    EXPECT_THAT(why([&] { TermiosPort port("/dev/null"); }), HasSubstr("not a serial port"));
    EXPECT_THAT(why([&] { TermiosPort port(folder / "none"); }), HasSubstr("No such file"));
}

TEST(TermiosPort, APortThatIsTakenForItselfIsBusyAndStaysSo) {
    sim::Pty pty;
    TermiosPort first(pty.slavePath());
    first.setBaud(38400);
    EXPECT_THAT(why([&] { TermiosPort second(pty.slavePath()); }), HasSubstr("busy"));
    EXPECT_EQ(pty.readerBaud(), 38400U);
    EXPECT_THAT(why([&] { TermiosPort third(pty.slavePath()); }), HasSubstr("busy"));
}

// Another process with the port open, for as long as this lives.
class Holder {
public:
    explicit Holder(const std::string& path) {
        std::array<int, 2> ready{};
        EXPECT_EQ(pipe(ready.data()), 0);
        pid_ = fork();
        if (pid_ == 0) {
            const int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY);
            const char byte = fd >= 0 ? 1 : 0;
            if (write(ready[1], &byte, 1) == 1)
                pause();
            _exit(1);
        }
        char byte = 0;
        EXPECT_EQ(read(ready[0], &byte, 1), 1);
        EXPECT_EQ(byte, 1);
        close(ready[0]);
        close(ready[1]);
    }

    ~Holder() {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;

    pid_t pid() const { return pid_; }

private:
    pid_t pid_ = -1;
};

TEST(TermiosPort, APortThatAnotherProcessHasOpenIsBusyAndUntouched) {
    sim::Pty pty;
    Holder holder(pty.slavePath());
    const termios before = settingsOf(pty.slavePath());
    EXPECT_THAT(why([&] { TermiosPort port(pty.slavePath()); }),
                HasSubstr("(process " + std::to_string(holder.pid()) + ")"));
    const termios after = settingsOf(pty.slavePath());
    EXPECT_EQ(after.c_cflag, before.c_cflag);
    EXPECT_EQ(after.c_lflag, before.c_lflag);
    // It is not left locked either.
    const Fd other(open(pty.slavePath().c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    EXPECT_TRUE(other);
}

TEST(PortHolder, IsFoundInProcAndNamed) {
    test::TemporaryDirectory proc;
    fs::create_directories(proc / "4242/fd");
    fs::create_directories(proc / "self/fd");
    fs::create_directories(proc / "12/fd");
    std::ofstream(proc / "4242/comm") << "ModemManager\n";
    fs::create_symlink("/dev/null", proc / "4242/fd/3");
    fs::create_symlink("/nowhere", proc / "12/fd/0");
    fs::create_symlink("socket:[4711]", proc / "12/fd/1");
    struct stat status = {};
    ASSERT_EQ(stat("/dev/null", &status), 0);
    const auto holder = findPortHolder(status.st_rdev, proc.path());
    ASSERT_TRUE(holder);
    EXPECT_EQ(holder->pid, 4242);
    EXPECT_EQ(holder->name, "ModemManager");
    EXPECT_FALSE(findPortHolder(status.st_rdev + 1, proc.path()));
    EXPECT_FALSE(findPortHolder(status.st_rdev, proc / "none"));
}

TEST(SerialDevice, CdcAcmHasNoRate) {
    EXPECT_TRUE(isRateless(166, ""));
    EXPECT_TRUE(isRateless(500, "cdc_acm"));
    EXPECT_FALSE(isRateless(188, "ftdi_sio"));
    EXPECT_FALSE(isRateless(4, "serial8250"));
    EXPECT_FALSE(isRateless(136, ""));
}

TEST(SerialDevice, IsDescribedFromTheSystem) {
    test::TemporaryDirectory root;
    const SystemFolders folders{root / "dev", root / "sys"};
    fs::create_directories(root / "dev/serial/by-id");
    fs::create_directories(root / "sys/class/tty/console");
    fs::create_directories(root / "sys/drivers/cdc_acm");
    std::ofstream(root / "dev/ttyACM0") << "";
    std::ofstream(root / "dev/ttyAMA0") << "";
    fs::create_symlink("../../ttyACM0", root / "dev/serial/by-id/usb-u-blox_AG-if00");
    fs::create_symlink("../../gone", root / "dev/serial/by-id/usb-other");
    std::ofstream(root / "sys/class/tty/console/active") << "tty0 ttyAMA0\n";
    // A file's device number is 0:0.
    fs::create_directories(root / "sys/dev/char/0:0/device");
    fs::create_symlink(root / "sys/drivers/cdc_acm", root / "sys/dev/char/0:0/device/driver");

    const SerialDevice acm = describeSerialDevice(root / "dev/serial/by-id/usb-u-blox_AG-if00", folders);
    EXPECT_EQ(acm.path, fs::canonical(root / "dev/ttyACM0").string());
    EXPECT_EQ(acm.stableName, "usb-u-blox_AG-if00");
    EXPECT_TRUE(acm.rateless);
    EXPECT_FALSE(acm.console);

    const SerialDevice uart = describeSerialDevice(root / "dev/ttyAMA0", folders);
    EXPECT_EQ(uart.stableName, "ttyAMA0");
    EXPECT_TRUE(uart.console);
    EXPECT_THROW(describeSerialDevice(root / "dev/none", folders), Error);
}

TEST(SerialDevice, APathOfADeviceThatIsGoneStays) {
    EXPECT_EQ(canonicalOrSame("/dev/ttyUSB77"), "/dev/ttyUSB77");
    EXPECT_EQ(canonicalOrSame("/dev/../dev/null"), "/dev/null");
}

TEST(LastRate, IsKeptByName) {
    test::TemporaryDirectory folder;
    const LastRate rates(folder / "deep/state");
    EXPECT_EQ(rates.load("usb-FTDI_A600-if00-port0"), std::nullopt);
    EXPECT_TRUE(rates.save("usb-FTDI_A600-if00-port0", 4800));
    EXPECT_EQ(rates.load("usb-FTDI_A600-if00-port0"), 4800U);
    EXPECT_EQ(rates.load("usb-FTDI_A601-if00-port0"), std::nullopt);
    EXPECT_TRUE(rates.save("usb-FTDI_A600-if00-port0", 115200));
    EXPECT_EQ(rates.load("usb-FTDI_A600-if00-port0"), 115200U);
}

TEST(LastRate, ABrokenFileIsNoHint) {
    test::TemporaryDirectory folder;
    const LastRate rates(folder.path());
    for (const char* text : {"", "x", "-4800\n", "4800x\n", "0\n", "99999999\n", "4294977096\n"}) {
        std::ofstream(folder / "device", std::ios::trunc) << text;
        EXPECT_EQ(rates.load("device"), std::nullopt) << text;
    }
    std::ofstream(folder / "device", std::ios::trunc) << std::string(100000, '9');
    EXPECT_EQ(rates.load("device"), std::nullopt);
}

TEST(LastRate, ANameCannotLeaveTheFolder) {
    test::TemporaryDirectory folder;
    const LastRate rates(folder.path());
    for (const std::string& name :
         std::vector<std::string>{"", ".", "..", "../x", "a/b", std::string(300, 'x')}) {
        EXPECT_FALSE(rates.save(name, 4800)) << name;
        EXPECT_EQ(rates.load(name), std::nullopt) << name;
    }
    EXPECT_FALSE(LastRate("").save("device", 4800));
    EXPECT_FALSE(LastRate("/proc/none").save("device", 4800));
}

} // namespace
} // namespace stinky::gps
