#include "generator/wiring.h"

#include <gmock/gmock.h>

namespace stinky::generator {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> paths(const std::string& config, const MachineFacts& machine = {}) {
    std::vector<std::string> found;
    for (const GeneratedFile& file : wiring(Config::parse(config), "/units", machine))
        found.push_back(file.path);
    return found;
}

std::string contentOf(const std::string& config, const std::string& path, const MachineFacts& machine = {}) {
    for (const GeneratedFile& file : wiring(Config::parse(config), "/units", machine))
        if (file.path == path)
            return file.content;
    return "missing";
}

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr const char* gps = "stinky.target.wants/stinky-gps.service";

TEST(Wiring, OfTheDefaultsHasGpsRadioScannerAndTak) {
    EXPECT_THAT(paths(""),
                ElementsAre(gps, "stinky.target.wants/stinky-radio@wlan2.service",
                            "stinky.target.wants/stinky-scan.service", "stinky-scan.service.d/50-radio.conf",
                            "stinky.target.wants/stinky-tak.service"));
    EXPECT_EQ(contentOf("", "stinky.target.wants/stinky-radio@wlan2.service"),
              "/units/stinky-radio@.service");
}

TEST(Wiring, TiesTheScannerToItsRadio) {
    const std::string content = contentOf("RADIO=wlx0011", "stinky-scan.service.d/50-radio.conf");
    EXPECT_THAT(content, HasSubstr("Requires=stinky-radio@wlx0011.service\n"));
    EXPECT_THAT(content, HasSubstr("After=stinky-radio@wlx0011.service\n"));
    EXPECT_THAT(content, HasSubstr("EnvironmentFile=/run/stinky/radio/wlx0011.env\n"));
}

TEST(Wiring, TakesKismetWhereItIsInstalled) {
    MachineFacts machine;
    EXPECT_THAT(paths("SCANNER=auto", machine), Not(Contains("stinky.target.wants/stinky-kismet.service")));
    EXPECT_THAT(paths("SCANNER=kismet", machine), Contains("stinky.target.wants/stinky-kismet.service"));
    machine.kismet = true;
    EXPECT_THAT(paths("SCANNER=auto", machine), IsSupersetOf({"stinky.target.wants/stinky-kismet.service",
                                                              "stinky-kismet.service.d/50-radio.conf"}));
    EXPECT_THAT(paths("SCANNER=builtin", machine),
                Not(Contains("stinky.target.wants/stinky-kismet.service")));
    EXPECT_THAT(paths("SCANNER=builtin", machine), Not(Contains("stinky-scan.service.d/60-stand-in.conf")));
}

TEST(Wiring, LetsTheBuiltInScannerStandInForKismetOnly) {
    const std::string content = contentOf("SCANNER=kismet", "stinky-scan.service.d/60-stand-in.conf");
    EXPECT_THAT(content, HasSubstr("After=stinky-kismet.service\n"));
    EXPECT_THAT(content, HasSubstr("ConditionPathExists=/run/stinky/scan/in-place-of-kismet\n"));
}

TEST(Wiring, GivesKismetItsLimitsAndItsGroup) {
    MachineFacts machine;
    const std::string file = "stinky-kismet.service.d/50-limits.conf";
    const std::string config = "SCANNER=kismet\nKISMET_MEMORY_HIGH=300M\nKISMET_MEMORY_MAX=400M";
    EXPECT_THAT(contentOf(config, file, machine), HasSubstr("[Service]\nMemoryHigh=300M\nMemoryMax=400M\n"));
    EXPECT_THAT(contentOf(config, file, machine), Not(HasSubstr("SupplementaryGroups")));
    machine.kismetGroup = true;
    EXPECT_THAT(contentOf(config, file, machine), HasSubstr("SupplementaryGroups=kismet\n"));
}

TEST(Wiring, EscapesAnInterfaceForTheUnitNameOnly) {
    const std::string content = contentOf("RADIO=mon-0", "stinky-scan.service.d/50-radio.conf");
    EXPECT_THAT(content, HasSubstr("Requires=stinky-radio@mon\\x2d0.service\n"));
    EXPECT_THAT(content, HasSubstr("EnvironmentFile=/run/stinky/radio/mon-0.env\n"));
}

TEST(Wiring, HoldsEveryCardOfTheListAndScansOnTheFirst) {
    const std::string config = "RADIO=mac:00:C0:CA:00:00:01 driver:rt2800usb auto";
    EXPECT_THAT(paths(config),
                IsSupersetOf({"stinky.target.wants/stinky-radio@mac:00:c0:ca:00:00:01.service",
                              "stinky.target.wants/stinky-radio@driver:rt2800usb.service",
                              "stinky.target.wants/stinky-radio@auto.service"}));
    EXPECT_THAT(contentOf(config, "stinky-scan.service.d/50-radio.conf"),
                HasSubstr("Requires=stinky-radio@mac:00:c0:ca:00:00:01.service\n"));
    EXPECT_EQ(contentOf(config, "stinky.target.wants/stinky-radio@auto.service"),
              "/units/stinky-radio@auto.service")
        << "bound to no device";
}

TEST(Wiring, LeavesOutWhatIsSwitchedOff) {
    EXPECT_THAT(paths("SCANNER=none"), ElementsAre(gps, "stinky.target.wants/stinky-tak.service"));
    EXPECT_THAT(paths("SCANNER=none\nTAK_PART=none"), ElementsAre(gps));
}

TEST(Wiring, PutsWigleToTakInPlaceOfOurOwn) {
    EXPECT_THAT(paths("SCANNER=none\nTAK_PART=wigletotak"),
                ElementsAre(gps, "stinky.target.wants/stinky-wigletotak.service"))
        << "without a directory the unit says what it lacks";
    EXPECT_THAT(
        contentOf("TAK_PART=wigletotak\nWIGLETOTAK_DIR=/opt/100% mine",
                  "stinky-wigletotak.service.d/50-copy.conf"),
        HasSubstr("WorkingDirectory=-/opt/100%% mine\nEnvironment=\"WIGLETOTAK_DIR=/opt/100%% mine\"\n"));
    EXPECT_THAT(paths("TAK_PART=wigletotak\nWIGLETOTAK_DIR=/a\"b"),
                Not(Contains("stinky-wigletotak.service.d/50-copy.conf")));
}

TEST(Wiring, LetsAUartPullInItsProbe) {
    MachineFacts machine;
    machine.gpsPorts = {{"/dev/ttyAMA0", true}, {"/dev/pps-x/a", false}};
    EXPECT_THAT(paths("", machine),
                IsSupersetOf({"dev-ttyAMA0.device.wants/stinky-gps@ttyAMA0.service",
                              "stinky-gps.service.wants/stinky-gps@ttyAMA0.service",
                              "dev-pps\\x2dx-a.device.wants/stinky-gps@pps\\x2dx-a.service"}));
    EXPECT_THAT(paths("", machine), Not(Contains("stinky-gps.service.wants/stinky-gps@pps\\x2dx-a.service")))
        << "systemd would wait for it";
}

TEST(Wiring, GivesTheRightToSetTheClockOnlyWhenAsked) {
    EXPECT_EQ(contentOf("", "stinky-gps.service.d/50-time.conf"), "missing");
    EXPECT_THAT(contentOf("GPS_TIME=yes", "stinky-gps.service.d/50-time.conf"),
                HasSubstr("AmbientCapabilities=CAP_SYS_TIME\n"));
}

TEST(Wiring, PutsCgpsOnTheConsoleThatIsNamed) {
    EXPECT_THAT(paths(""), Not(Contains("stinky.target.wants/stinky-cgps.service")));
    EXPECT_THAT(paths("GPS_DISPLAY_TTY=/dev/tty8"), Contains("stinky.target.wants/stinky-cgps.service"));
    const std::string content =
        contentOf("GPS_DISPLAY_TTY=/dev/tty8", "stinky-cgps.service.d/50-console.conf");
    EXPECT_THAT(content, HasSubstr("TTYPath=/dev/tty8\n"));
    EXPECT_THAT(content, HasSubstr("DeviceAllow=/dev/tty8 rw\n"));
    EXPECT_THAT(content, HasSubstr("Conflicts=getty@tty8.service\n"));
    EXPECT_THAT(content, HasSubstr("STINKY_GPSD=127.0.0.1:2947\n"));
}

TEST(Wiring, KeepsGpsdsSocketUpWithoutIpv6) {
    EXPECT_THAT(paths(""), Not(Contains("gpsd.socket.d/50-stinky-no-ipv6.conf")));
    MachineFacts machine;
    machine.ipv6 = false;
    EXPECT_THAT(contentOf("", "gpsd.socket.d/50-stinky-no-ipv6.conf", machine),
                HasSubstr("ListenStream=\nListenStream=/run/gpsd.sock\nListenStream=127.0.0.1:2947\n"));
}

TEST(Wiring, OpensThePageWhereTheSettingsSay) {
    constexpr const char* drop = "stinky-controller.socket.d/50-listen.conf";
    EXPECT_THAT(paths("LISTEN=127.0.0.1:5000"), Not(Contains(drop)));
    EXPECT_THAT(
        contentOf("LISTEN=\"192.168.4.1:5000 [::1]:80\"", drop),
        HasSubstr("[Socket]\nListenStream=\nListenStream=192.168.4.1:5000\nListenStream=[::1]:80\n"));
    EXPECT_THAT(paths("LISTEN=/etc/passwd"), Not(Contains(drop)));
    EXPECT_THAT(paths("LISTEN=5000"), Not(Contains(drop)));
}

TEST(Wiring, HandsTheKeyOfTheCertificateOver) {
    constexpr const char* drop = "stinky-controller.service.d/50-tls.conf";
    EXPECT_THAT(paths("WEB_TLS=self"), Not(Contains(drop)));
    EXPECT_THAT(
        contentOf("WEB_TLS=/etc/stinky/tls.pem", drop),
        HasSubstr(
            "LoadCredential=tls.crt:/etc/stinky/tls.pem\nLoadCredential=tls.key:/etc/stinky/tls.pem\n"));
    EXPECT_THAT(contentOf("WEB_TLS=/a.crt\nWEB_TLS_KEY=/a.key", drop),
                HasSubstr("LoadCredential=tls.key:/a.key\n"));
}

} // namespace
} // namespace stinky::generator
