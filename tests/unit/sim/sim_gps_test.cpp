#include <gtest/gtest.h>

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "unit/sim/child_process.h"
#include "unit/sim/nmea_reader.h"
#include "unit/sim/serial_reader.h"

namespace stinky::sim::test {

namespace {

using namespace std::chrono_literals;

/// The program, and the port that it said is ready.
class Gps {
public:
    explicit Gps(std::vector<std::string> options) : process_(command(std::move(options))) {
        const std::string line = process_.outputLine().value_or("nothing");
        if (line.rfind("ready ", 0) != 0) {
            throw std::runtime_error("sim-gps said: " + line + process_.errorLine(1s).value_or(""));
        }
        port_ = line.substr(6);
    }

    const std::string& port() const { return port_; }

    int stop(int signal = SIGTERM) {
        process_.signal(signal);
        return process_.wait();
    }

private:
    static std::vector<std::string> command(std::vector<std::string> options) {
        options.insert(options.begin(), SIM_GPS);
        return options;
    }

    ChildProcess process_;
    std::string port_;
};

bool hasSentence(const std::string& bytes) {
    return !validSentences(bytes).empty();
}

std::function<bool(const std::string&)> hasType(const char* type) {
    return [type](const std::string& bytes) {
        return findSentence(bytes, type).has_value();
    };
}

std::string temporaryPath(const char* name) {
    return (std::filesystem::temp_directory_path() / (name + std::to_string(getpid()))).string();
}

bool onlyZeroAnd0x80(const std::string& bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0' || c == '\x80'; });
}

bool waitForUnread(const SerialReader& reader, int bytes) {
    int waiting = 0;
    for (int round = 0; round < 200 && waiting < bytes; ++round) {
        poll(nullptr, 0, 50); // there is no event for a buffer that fills up
        if (ioctl(reader.fd(), FIONREAD, &waiting) != 0) {
            return false;
        }
    }
    return waiting >= bytes;
}

} // namespace

TEST(SimGps, AtTheRightSpeedAReaderGetsThePosition) {
    Gps gps({"--baud", "38400", "--lat", "-33.856785", "--lon", "151.215301", "--talker", "GN"});
    SerialReader reader(gps.port(), B38400);
    ASSERT_TRUE(reader.readUntil(hasType("VTG"))) << reader.received();
    ASSERT_TRUE(reader.readUntil(hasType("GGA")));
    const auto gga = *findSentence(reader.received(), "GGA");
    EXPECT_NEAR(gpsdDegrees(gga.at(2), gga.at(3).at(0)), -33.856785, 1e-10);
    EXPECT_NEAR(gpsdDegrees(gga.at(4), gga.at(5).at(0)), 151.215301, 1e-10);
}

TEST(SimGps, AtAWrongSpeedAReaderGetsWhatItsUartMakesOfTheLine) {
    Gps gps({"--baud", "4800"});
    SerialReader reader(gps.port(), B38400);
    ASSERT_TRUE(reader.readBytes(300));
    EXPECT_TRUE(onlyZeroAnd0x80(reader.received()));
}

TEST(SimGps, AReaderMayFindTheSpeedInTheMiddleOfABurst) {
    Gps gps({"--baud", "4800", "--sats", "12"}); // a burst of a second
    SerialReader reader(gps.port(), B38400);
    std::string first = "$GPRMC";
    // That is how the next burst begins: on a machine that stood still for a second, once more.
    for (int round = 0; round < 5 && first == "$GPRMC"; ++round) {
        reader.setSpeed(B38400);
        ASSERT_TRUE(reader.readBytes(30));
        reader.setSpeed(B4800);
        ASSERT_TRUE(reader.readUntil(hasSentence));
        first = validSentences(reader.received()).front().substr(0, 6);
    }
    EXPECT_NE(first, "$GPRMC");
}

TEST(SimGps, BytesComeAtThePaceOfTheLine) {
    Gps gps({"--baud", "4800"});
    SerialReader reader(gps.port(), B4800);
    ASSERT_TRUE(reader.readUntil(hasType("RMC")));
    const std::size_t begin = reader.received().find("$GPRMC");
    ASSERT_TRUE(reader.readBytes(begin + 240));
    const auto now =
        std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    const double sent = std::stod(findSentence(reader.received(), "RMC")->at(1).substr(4));
    EXPECT_GE(std::fmod(std::fmod(now, 60) - sent + 60, 60), 0.49) << "240 characters of 10 bits take 0.5 s";
}

TEST(SimGps, ALineTooSlowForTheRateLeavesBurstsOut) {
    Gps gps({"--baud", "4800", "--rate", "10"}); // a burst takes 0.8 s
    SerialReader reader(gps.port(), B4800);
    ASSERT_TRUE(reader.readUntil(hasType("RMC")));
    const double first = std::stod(findSentence(reader.received(), "RMC")->at(1).substr(4));
    ASSERT_TRUE(reader.readUntil(hasType("GGA")));
    reader.forget();
    ASSERT_TRUE(reader.readUntil(hasType("RMC")));
    const double second = std::stod(findSentence(reader.received(), "RMC")->at(1).substr(4));
    EXPECT_GE(std::fmod(second - first + 60, 60), 0.75) << "the next is as new as the line allows";
}

TEST(SimGps, TwoReceiversWorkSideBySide) {
    Gps slow({"--baud", "9600", "--lat", "1"});
    Gps fast({"--baud", "115200", "--lat", "2", "--rate", "5"});
    SerialReader first(slow.port(), B9600);
    SerialReader second(fast.port(), B115200);
    ASSERT_TRUE(first.readUntil(hasType("GGA")));
    ASSERT_TRUE(second.readUntil(hasType("GGA")));
    EXPECT_EQ(findSentence(first.received(), "GGA")->at(2), "0100.0000000");
    EXPECT_EQ(findSentence(second.received(), "GGA")->at(2), "0200.0000000");
}

TEST(SimGps, APortThatNobodyReadsOverrunsAndGoesOn) {
    Gps gps({"--baud", "115200", "--rate", "10"});
    SerialReader reader(gps.port(), B115200);
    EXPECT_TRUE(waitForUnread(reader, 4000));
    tcflush(reader.fd(), TCIFLUSH);
    EXPECT_TRUE(reader.readUntil(hasSentence));
    EXPECT_EQ(gps.stop(), 0);
}

TEST(SimGps, AReopenedPortHasNothingOldInIt) {
    Gps gps({"--baud", "115200", "--rate", "10"});
    {
        SerialReader reader(gps.port(), B115200);
        ASSERT_TRUE(waitForUnread(reader, 2000));
    }
    poll(nullptr, 0, 200); // for the receiver to notice; nothing tells when it has
    SerialReader reader(gps.port(), B115200);
    int waiting = 0;
    ASSERT_EQ(ioctl(reader.fd(), FIONREAD, &waiting), 0);
    EXPECT_LT(waiting, 2000);
    ASSERT_TRUE(reader.readUntil(hasType("RMC")));
}

TEST(SimGps, ItDrinksWhatAReaderSends) {
    Gps gps({"--baud", "9600"});
    SerialReader reader(gps.port(), B9600);
    const std::string command(1000, 'x');
    std::size_t sent = 0;
    for (int round = 0; round < 100 && sent < 20000; ++round) {
        pollfd room{reader.fd(), POLLOUT, 0};
        ASSERT_EQ(poll(&room, 1, 5000), 1);
        const ssize_t size = write(reader.fd(), command.data(), command.size());
        sent += size > 0 ? static_cast<std::size_t>(size) : 0;
    }
    EXPECT_GE(sent, 20000U);
    ASSERT_TRUE(reader.readUntil(hasSentence));
    EXPECT_EQ(reader.received().find('x'), std::string::npos) << "no echo";
}

TEST(SimGps, TheLineMayChangeItsSpeed) {
    Gps gps({"--baud", "9600", "--switch-to", "38400", "--switch-after", "2.5"});
    SerialReader reader(gps.port(), B9600);
    ASSERT_TRUE(reader.readUntil(hasSentence));
    reader.setSpeed(B38400);
    EXPECT_TRUE(reader.readUntil(hasType("GGA")));
}

TEST(SimGps, ASilentReceiverSendsNothing) {
    Gps gps({"--silent"});
    SerialReader reader(gps.port(), B9600);
    EXPECT_FALSE(reader.readBytes(1, 2500ms));
}

TEST(SimGps, TheLinkComesAndGoesWithTheProgram) {
    const std::string link = temporaryPath("sim-gps-link-");
    Gps gps({"--silent", "--link", link});
    EXPECT_EQ(std::filesystem::read_symlink(link), gps.port());
    EXPECT_EQ(gps.stop(), 0);
    EXPECT_FALSE(std::filesystem::is_symlink(link));
}

TEST(SimGps, ALinkThatAnotherTookOverStays) {
    const std::string link = temporaryPath("sim-gps-shared-link-");
    Gps first({"--silent", "--link", link});
    Gps second({"--silent", "--link", link});
    EXPECT_EQ(first.stop(SIGINT), 0);
    EXPECT_EQ(std::filesystem::read_symlink(link), second.port());
    EXPECT_EQ(second.stop(), 0);
}

TEST(SimGps, AFileIsNotReplacedByTheLink) {
    const std::string path = temporaryPath("sim-gps-file-");
    std::ofstream(path) << "precious";
    ChildProcess process({SIM_GPS, "--link", path});
    EXPECT_EQ(process.wait(), 1);
    EXPECT_TRUE(std::filesystem::is_regular_file(path));
    std::filesystem::remove(path);
}

TEST(SimGps, WrongOptionsAreRefused) {
    const std::vector<std::vector<std::string>> wrong{{"--baud", "300"},
                                                      {"--rate", "3"},
                                                      {"--talker", "XX"},
                                                      {"--lat", "91"},
                                                      {"--noise", "--ubx"},
                                                      {"--switch-to", "9600"},
                                                      {"--route", "/nowhere"},
                                                      {"--sats", "33"},
                                                      {"--no-fix", "--fix-after", "3"},
                                                      {"--framing-errors", "maybe"},
                                                      {"--nonsense"}};
    for (std::vector<std::string> options : wrong) {
        options.insert(options.begin(), SIM_GPS);
        EXPECT_EQ(ChildProcess(options).wait(), 2) << options.at(1);
    }
}

TEST(SimGps, ItDrivesAlongARoute) {
    const std::string path = temporaryPath("sim-gps-route-");
    std::ofstream(path) << "0 10 20\n1000 11 20\n";
    Gps gps({"--baud", "38400", "--route", path});
    SerialReader reader(gps.port(), B38400);
    ASSERT_TRUE(reader.readUntil(hasType("VTG")));
    std::filesystem::remove(path);
    const auto rmc = *findSentence(reader.received(), "RMC");
    EXPECT_NEAR(std::stod(rmc.at(7)), 111.195 * 3600 / 1852, 1) << "knots; a degree in 1000 seconds";
    EXPECT_EQ(rmc.at(8), "0.00");
}

} // namespace stinky::sim::test
