#include "common/atomic_file.h"
#include "common/config.h"

#include <gmock/gmock.h>

namespace stinky {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Config, TakesEveryWayToNameACard) {
    const Config config =
        Config::parse("RADIO=\"wlan2 mac:02:00:00:00:02:0A phy:phy2 driver:rt2800usb auto\"");
    EXPECT_TRUE(config.problems().empty());
    EXPECT_EQ(config.list("RADIO").size(), 5U);
}

TEST(Config, HasADefaultForEveryKeyThatItAcceptsItself) {
    for (const ConfigKey& key : configKeys()) {
        const Config config = Config::parse(std::string(key.name) + "=" + key.fallback);
        EXPECT_THAT(config.problems(), IsEmpty()) << key.name;
        EXPECT_EQ(config.text(key.name), key.fallback);
    }
}

TEST(Config, TakesAGpsdOfThisMachineOnAnyPort) {
    for (const char* own : {"localhost:2947", "127.0.0.1:2948", "127.1.2.3:1"})
        EXPECT_THAT(Config::parse("GPSD=" + std::string(own)).problems(), IsEmpty()) << own;
}

TEST(Config, ReadsValuesWithQuotesCommentsAndBlanks) {
    const Config config =
        Config::parse("# stinky\n\n  RADIO = wlan7  \r\nCHANNELS=\"1  6 11\"\nWIGLE_THROTTLE=30");
    EXPECT_THAT(config.problems(), IsEmpty());
    EXPECT_EQ(config.text("RADIO"), "wlan7");
    EXPECT_THAT(config.list("CHANNELS"), ElementsAre("1", "6", "11"));
    EXPECT_EQ(config.number("WIGLE_THROTTLE"), 30);
}

TEST(Config, KeepsTheDefaultAndNamesTheLineOfABadValue) {
    const Config config = Config::parse("RADIO=wlan2\nWIGLE_THROTTLE=never\n");
    EXPECT_EQ(config.number("WIGLE_THROTTLE"), 5);
    EXPECT_THAT(config.problems(),
                ElementsAre(AllOf(Field(&ConfigProblem::line, 2),
                                  Field(&ConfigProblem::message, HasSubstr("from 1 to 3600")))));
}

TEST(Config, TellsUnknownKeysAndLinesThatAreNone) {
    const Config config = Config::parse("RADOI=wlan2\nhello\n=x\n");
    EXPECT_THAT(config.problems(),
                ElementsAre(Field(&ConfigProblem::line, 1), Field(&ConfigProblem::line, 2),
                            Field(&ConfigProblem::line, 3)));
}

struct BadValue {
    const char* line;
};

class ConfigRefuses : public ::testing::TestWithParam<BadValue> {};

TEST_P(ConfigRefuses, AValueThatCannotWork) {
    const Config config = Config::parse(GetParam().line);
    EXPECT_EQ(config.problems().size(), 1U) << GetParam().line;
}

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigRefuses,
    ::testing::Values(BadValue{"RADIO="}, BadValue{"RADIO=wlan2/../x"},
                      BadValue{"RADIO=averyveryverylongname"}, BadValue{"RADIO=.."},
                      BadValue{"RADIO=wlan2 mac:02"}, BadValue{"RADIO=phy:"}, BadValue{"RADIO=driver:a/b"},
                      BadValue{"RADIO_MODE=never"}, BadValue{"NODE=a.b"}, BadValue{"CHANNELS=1,6,11"},
                      BadValue{"CHANNELS=0"}, BadValue{"GPSD=localhost"}, BadValue{"GPSD=:1"},
                      BadValue{"GPSD=localhost:99999"}, BadValue{"GPSD=gpsd.example:2947"},
                      BadValue{"GPSD=192.168.4.1:2947"}, BadValue{"GPSD=::1:2947"},
                      BadValue{"GPS_BAUDS=9600x"}, BadValue{"TAK_OUTPUTS=239.2.3.1:6969"},
                      BadValue{"SCANNER=both"}, BadValue{"GPS_DEVICES=ttyAMA0"},
                      BadValue{"GPS_DEVICES=/dev/../etc/passwd"}, BadValue{"GPS_DEVICES=/dev/"},
                      BadValue{"GPS_DISPLAY_TTY=/dev/sda"}, BadValue{"GPS_TIME=maybe"},
                      BadValue{"GPS_WAIT=61"}, BadValue{"GPS_NO_FIX_MINUTES=0"}, BadValue{"GPS_DENY=a\tb"},
                      BadValue{"CHANNEL_DWELL_MS=49"}, BadValue{"CHANNEL_DWELL_MS=10001"}));

INSTANTIATE_TEST_SUITE_P(Tiles, ConfigRefuses,
                         ::testing::Values(BadValue{"TILES_URL=https://{s}.tile.example/{z}/{x}/{y}.png"},
                                           BadValue{"TILES_URL=https://tile.example/{s}/{z}/{x}/{y}.png"},
                                           BadValue{"TILES_URL=https://tile.example/{z}/{x}.png"},
                                           BadValue{"TILES_URL=https://tile.example/{z}/{y}.png"},
                                           BadValue{"TILES_URL=https://tile.example/{x}/{y}.png"},
                                           BadValue{"TILES_URL=https://tile.example/{z}/{x}/{y}/{key}"},
                                           BadValue{"TILES_URL=https://tile.example/{z}/{x}/{y"},
                                           BadValue{"TILES_URL=https://tile.example/{z}}/{x}/{y}"},
                                           BadValue{"TILES_URL=https://tile.example?{z}{x}{y}"},
                                           BadValue{"TILES_URL=https:///{z}/{x}/{y}"},
                                           BadValue{"TILES_URL=https://me:secret@tile.example/{z}/{x}/{y}"},
                                           BadValue{"TILES_URL=ftp://tile.example/{z}/{x}/{y}"}));

TEST(Config, TakesEveryWayToNameImages) {
    for (const char* url : {"", "https://tile.example/{z}/{x}/{y}.png",
                            "http://10.0.0.9:8080/{z}/{x}/{-y}{r}", "http://[fd00::1]/t?z={z}&x={x}&y={y}"})
        EXPECT_THAT(Config::parse("TILES_URL=" + std::string(url)).problems(), IsEmpty()) << url;
}

TEST(Config, RefusesAValueThatIsTooLongToBeMeant) {
    const Config config = Config::parse("TAK_OUTPUTS=udp://" + std::string(5000, '1'));
    EXPECT_EQ(config.problems().size(), 1U);
    EXPECT_LT(config.problems().front().message.size(), 400U);
}

TEST(Config, OfAFileThatDoesNotExistIsTheDefault) {
    const Config config = Config::load("/nowhere/stinky.conf");
    EXPECT_EQ(config.text("RADIO"), "wlan2");
}

TEST(Config, FileThatIsInstalledShowsEveryKeyWithItsDefault) {
    const Config installed = Config::load(STINKY_SOURCE "/units/stinky.conf");
    EXPECT_THAT(installed.problems(), IsEmpty());
    const std::string text = readFile(STINKY_SOURCE "/units/stinky.conf");
    for (const ConfigKey& key : configKeys()) {
        const std::string plain = std::string("#") + key.name + "=" + key.fallback + "\n";
        const std::string quoted = std::string("#") + key.name + "=\"" + key.fallback + "\"\n";
        EXPECT_TRUE(text.find(plain) != std::string::npos || text.find(quoted) != std::string::npos)
            << key.name;
    }
}

TEST(Config, ReadsSizes) {
    EXPECT_EQ(Config::parse("SCAN_MIN_MEMORY=1000").bytes("SCAN_MIN_MEMORY"), 1000U);
    EXPECT_EQ(Config::parse("SCAN_MIN_MEMORY=3K").bytes("SCAN_MIN_MEMORY"), 3072U);
    EXPECT_EQ(Config::parse("SCAN_MIN_MEMORY=2G").bytes("SCAN_MIN_MEMORY"), 2ULL << 30);
    for (const char* bad :
         {"SCAN_MIN_MEMORY=", "SCAN_MIN_MEMORY=M", "SCAN_MIN_MEMORY=-1", "SCAN_MIN_MEMORY=1.5M",
          "SCAN_MIN_MEMORY=1MB", "SCAN_MIN_MEMORY=99999999T", "CAPTURE_ROTATE_SIZE=1K",
          "KISMET_MEMORY_MAX=101%", "KISMET_MEMORY_MAX=%", "KISMET_MEMORY_HIGH=1K", "KISMET_LISTEN=2501"})
        EXPECT_EQ(Config::parse(bad).problems().size(), 1U) << bad;
    EXPECT_TRUE(Config::parse("KISMET_MEMORY_MAX=infinity\nKISMET_MEMORY_HIGH=300M").problems().empty());
}

} // namespace
} // namespace stinky
