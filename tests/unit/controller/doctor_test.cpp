#include "common/atomic_file.h"
#include "ctl/doctor/checks.h"
#include "ctl/doctor/doctor.h"
#include "ctl/doctor/kismet_facts.h"
#include "ctl/doctor/tak_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/nl80211.h>

#include <functional>
#include <set>

namespace stinky::ctl {
namespace {

using testing::HasSubstr;

/// A machine on which all is well.
Facts healthy() {
    Facts f;
    f.configPath = "/etc/stinky/stinky.conf";
    f.config = Config::parse("TAK_OUTPUTS=udp://10.0.0.9:4242");
    f.root = true;
    f.status = StatusView();
    f.status->state = "running";
    UnitLine port;
    port.name = "stinky-gps@ttyUSB0.service";
    port.activeState = "active";
    f.status->units.push_back(port);
    f.status->radios = {{{"interface", "wlan2"}, {"held", true}}};
    f.ports = {{"ttyUSB0", "0403:6001", "FT232", "ftdi_sio", {"gpsd"}, true}};
    f.udevRule = true;
    f.gps.connected = f.gps.answered = true;
    f.gps.devices = {"/dev/ttyUSB0"};
    f.gps.fix.mode = 3;
    f.gps.fix.monotonic = 100;
    f.gpsAt = 101;
    f.clockSynchronised = true;
    f.year = 2026;
    f.radio.known = true;
    f.radio.name = "wlan2";
    f.radio.interface = WifiInterface();
    f.radio.interface->type = NL80211_IFTYPE_MONITOR;
    f.radio.canMonitor = true;
    f.radio.usableChannels = 11;
    f.radio.driver = "rt2800usb";
    f.radio.country = "DE";
    f.radio.managedByNm = false;
    f.freeBytes = 12'000'000'000;
    f.cgroupControllers = "cpuset cpu io memory pids";
    f.throttled = 0;
    f.outputs = {{"udp://10.0.0.9:4242", ""}};
    f.certificates = {{"/etc/stinky/tak.pem", "", 300}};
    f.listeners = {
        {"tcp", 2947, true, {"gpsd"}}, {"tcp", 5000, true, {"systemd"}}, {"tcp", 80, false, {"nginx"}}};
    f.secrets = {{"/etc/stinky/tak.key", 0640}};
    f.webToken = true;
    return f;
}

struct Case {
    const char* name; ///< of the test
    const char* check;
    std::function<void(Facts&)> harm;
    Result result;
    const char* what;
    const char* fix;
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.name;
}

class DoctorTable : public testing::TestWithParam<Case> {};

TEST_P(DoctorTable, FindsItAndNothingElse) {
    const Case& c = GetParam();
    Facts facts = healthy();
    c.harm(facts);
    bool found = false;
    for (const Check& check : examine(facts)) {
        if (check.name != c.check) {
            EXPECT_NE(check.result, Result::fault) << check.name << ": " << check.what;
            continue;
        }
        found = true;
        EXPECT_STREQ(toString(check.result), toString(c.result)) << check.what;
        EXPECT_THAT(check.what, HasSubstr(c.what));
        EXPECT_THAT(check.fix, HasSubstr(c.fix));
        const bool bad = c.result == Result::fault || c.result == Result::warning;
        EXPECT_EQ(bad, !check.why.empty());
        EXPECT_EQ(bad, !check.fix.empty());
    }
    EXPECT_TRUE(found);
}

void settings(Facts& f, const char* text) {
    f.config = Config::parse(text);
}

INSTANTIATE_TEST_SUITE_P(
    Machine, DoctorTable,
    testing::Values(
        Case{"BadSetting", "settings",
             [](Facts& f) {
                 f.configFindings = {{3, "X=1", "X: no such setting", ""}};
             },
             Result::fault, "no such setting", "check-config"},
        Case{"ControllerAway", "controller",
             [](Facts& f) {
                 f.status.reset();
                 f.controllerProblem = "no bus";
             },
             Result::fault, "no bus", "systemctl status stinky-controller"},
        Case{"Degraded", "controller",
             [](Facts& f) {
                 f.status->state = "degraded";
                 f.status->reason = "stinky-tak failed";
                 f.status->nextStep = "look why: stinkyctl logs tak";
             },
             Result::warning, "stinky-tak failed", "stinkyctl logs tak"},
        Case{"SensorFailed", "controller", [](Facts& f) { f.status->state = "failed"; }, Result::fault,
             "failed", "stinkyctl start"},
        Case{"UnitFilesChanged", "unit-files", [](Facts& f) { f.changedUnits = {"stinky-tak.service"}; },
             Result::warning, "stinky-tak.service", "daemon-reload"},
        Case{"MemoryNotCounted", "memory-controller", [](Facts& f) { f.cgroupControllers = "cpu pids"; },
             Result::warning, "counts no memory", "cgroup_enable=memory"},
        Case{"NotTheMemoryOfAnother", "memory-controller",
             [](Facts& f) { f.cgroupControllers = "cpu memory_x"; }, Result::warning, "counts no memory",
             "cmdline.txt"},
        Case{"Undervoltage", "power", [](Facts& f) { f.throttled = 0x50005; }, Result::fault, "too weak",
             "supply"},
        Case{"ThrottledNow", "power", [](Facts& f) { f.throttled = 0x4; }, Result::fault, "throttled",
             "cool"},
        Case{"UndervoltageBefore", "power", [](Facts& f) { f.throttled = 0x50000; }, Result::warning,
             "since the boot", "supply"},
        Case{"NoPi", "power", [](Facts& f) { f.throttled.reset(); }, Result::skipped, "no Raspberry Pi", ""},
        Case{"DiskFull", "disk", [](Facts& f) { f.freeBytes = 10'000'000; }, Result::fault, "10.0 MB",
             "captures"},
        Case{"DiskNearlyFull", "disk", [](Facts& f) { f.freeBytes = 200'000'000; }, Result::warning,
             "200.0 MB", "captures"},
        Case{"NoFolder", "disk", [](Facts& f) { f.freeBytes.reset(); }, Result::warning, "not there",
             "systemd-tmpfiles"},
        Case{"NoClock", "clock", [](Facts& f) { f.year = 1970; }, Result::fault, "1970", "GPS_TIME"},
        Case{"ClockDrifts", "clock", [](Facts& f) { f.clockSynchronised = false; }, Result::warning,
             "nothing keeps", "timedatectl"},
        Case{"ClockUnseen", "clock", [](Facts& f) { f.clockSynchronised.reset(); }, Result::skipped,
             "may not be asked", ""},
        Case{"ForeignPort", "ports",
             [](Facts& f) {
                 f.listeners.push_back({"tcp", 5000, false, {"flask"}});
             },
             Result::fault, "5000 belongs to flask", "stop that program"},
        Case{"OurOwnPort", "ports",
             [](Facts& f) {
                 f.listeners.push_back({"tcp", 5000, false, {"stinky-controll"}});
             },
             Result::ok, "no other program", ""},
        Case{"PortsUnseen", "ports", [](Facts& f) { f.root = false; }, Result::skipped, "root only", ""},
        Case{"OpenSecret", "secrets", [](Facts& f) { f.secrets[0].mode = 0644; }, Result::fault, "0644",
             "chmod o="}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Gps, DoctorTable,
    testing::Values(
        Case{"NoDongle", "gps-dongle",
             [](Facts& f) {
                 f.ports.clear();
                 f.gps.devices.clear();
             },
             Result::warning, "no USB serial port", "plug a GPS dongle in"},
        Case{"RuleNotApplied", "gps-rule", [](Facts& f) { f.ports[0].ruled = false; }, Result::fault,
             "ttyUSB0", "udevadm control --reload && udevadm trigger --subsystem-match=tty"},
        Case{"RuleNotInstalled", "gps-rule",
             [](Facts& f) {
                 f.ports[0].ruled = false;
                 f.udevRule = false;
             },
             Result::fault, "not installed", "70-stinky-gps.rules"},
        Case{"RuleNotAppliedToOneOfTwo", "gps-rule",
             [](Facts& f) {
                 f.ports.push_back({"ttyACM0", "1546:01a8", "u-blox", "cdc_acm", {}, false});
             },
             Result::fault, "to ttyACM0", "udevadm trigger"},
        Case{"PortUnknownToUdev", "gps-rule", [](Facts& f) { f.ports[0].ruled.reset(); }, Result::skipped,
             "knows of no", ""},
        Case{"NoPortForTheRule", "gps-rule", [](Facts& f) { f.ports.clear(); }, Result::skipped,
             "knows of no", ""},
        Case{"DongleUnserved", "gps-dongle",
             [](Facts& f) {
                 f.gps.devices.clear();
                 f.status->units.clear();
             },
             Result::warning, "ttyUSB0 (0403:6001 FT232)", "stinkyctl logs gps@ttyUSB0"},
        Case{"PortHeld", "gps-port-free", [](Facts& f) { f.ports[0].holders.emplace_back("minicom"); },
             Result::fault, "held by minicom", "GPS_DENY"},
        Case{"HoldersUnseen", "gps-port-free", [](Facts& f) { f.root = false; }, Result::skipped,
             "root only", ""},
        Case{"GpsdSilent", "gpsd", [](Facts& f) { f.gps.answered = false; }, Result::fault,
             "does not answer", "systemctl restart gpsd.socket"},
        Case{"NoIpv6", "gpsd",
             [](Facts& f) {
                 f.gps.answered = false;
                 f.ipv6 = false;
                 f.gpsdSocket = "failed";
             },
             Result::fault, "no IPv6", "daemon-reload"},
        Case{"NoFix", "gps-fix", [](Facts& f) { f.gps.fix.mode = 1; }, Result::warning,
             "waiting for a GPS fix", "sky"},
        Case{"OldFix", "gps-fix", [](Facts& f) { f.gpsAt = 120; }, Result::warning, "no position", "sky"}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Radio, DoctorTable,
    testing::Values(
        Case{"NoWifi", "radio",
             [](Facts& f) {
                 f.radio.known = false;
                 f.radio.interface.reset();
             },
             Result::fault, "no Wi-Fi", "plug"},
        Case{"CardUnseen", "radio",
             [](Facts& f) {
                 f.radio.known = false;
                 f.radio.hidden = "Operation not permitted";
                 f.radio.interface.reset();
             },
             Result::skipped, "Operation not permitted", ""},
        Case{"NoCard", "radio", [](Facts& f) { f.radio.interface.reset(); }, Result::fault, "no card wlan2",
             "RADIO="},
        Case{"NoMonitorMode", "radio", [](Facts& f) { f.radio.canMonitor = false; }, Result::fault,
             "no monitor mode", "RADIO="},
        Case{"NotWanted", "radio", [](Facts& f) { settings(f, "SCANNER=none\nTAK_OUTPUTS=udp://a:1"); },
             Result::skipped, "SCANNER=none", ""},
        Case{"HardBlocked", "radio-blocked", [](Facts& f) { f.radio.hardBlocked = true; }, Result::fault,
             "switch", "switch"},
        Case{"SoftBlocked", "radio-blocked", [](Facts& f) { f.radio.softBlocked = true; }, Result::warning,
             "rfkill", "rfkill unblock"},
        Case{"Uplink", "radio-uplink", [](Facts& f) { f.radio.defaultRoute = true; }, Result::fault,
             "default route", "RADIO_FORCE"},
        Case{"UplinkMeant", "radio-uplink",
             [](Facts& f) {
                 f.radio.defaultRoute = true;
                 settings(f, "RADIO_FORCE=yes\nTAK_OUTPUTS=udp://a:1");
             },
             Result::ok, "", ""},
        Case{"Held", "radio-held", [](Facts&) {}, Result::ok, "stinky-radio holds wlan2", ""},
        Case{"SupplicantTakesIt", "radio-held", [](Facts& f) { f.radio.supplicant = true; }, Result::fault,
             "wpa_supplicant has wlan2 while it surveys", "systemctl disable --now wpa_supplicant@wlan2"},
        Case{"MonitorOfAnother", "radio-held", [](Facts& f) { f.status->radios[0]["held"] = false; },
             Result::warning, "stinky-radio does not hold it", "iw dev wlan2 set type managed"},
        Case{"MonitorAndControllerAway", "radio-held",
             [](Facts& f) { f.status->radios = nlohmann::json::array(); }, Result::warning,
             "stinky-radio does not hold it", "end that program"},
        Case{"AccessPoint", "radio-held",
             [](Facts& f) {
                 f.status->radios[0]["held"] = false;
                 f.radio.interface->type = NL80211_IFTYPE_AP;
             },
             Result::fault, "wlan2 is an access point", "RADIO_FORCE=yes"},
        Case{"AccessPointMeant", "radio-held",
             [](Facts& f) {
                 f.status->radios[0]["held"] = false;
                 f.radio.interface->type = NL80211_IFTYPE_AP;
                 settings(f, "RADIO_FORCE=yes\nTAK_OUTPUTS=udp://a:1");
             },
             Result::ok, "nobody but the kernel", ""},
        Case{"SupplicantLendsIt", "radio-held",
             [](Facts& f) {
                 f.status->radios[0]["held"] = false;
                 f.radio.interface->type = NL80211_IFTYPE_STATION;
                 f.radio.supplicant = true;
             },
             Result::ok, "lends", ""},
        Case{"NetworkManagerTakesIt", "network-manager", [](Facts& f) { f.radio.managedByNm = true; },
             Result::fault, "manages wlan2", "nmcli device set wlan2 managed no"},
        Case{"NetworkManagerLendsIt", "network-manager",
             [](Facts& f) {
                 f.radio.managedByNm = true;
                 f.radio.interface->type = NL80211_IFTYPE_STATION;
             },
             Result::ok, "lends", ""},
        Case{"NoNetworkManager", "network-manager", [](Facts& f) { f.radio.managedByNm.reset(); },
             Result::skipped, "does not run", ""},
        Case{"NoCountry", "regulatory-domain", [](Facts& f) { f.radio.country = "00"; }, Result::warning,
             "no country", "COUNTRY="}),
    [](const auto& info) { return std::string(info.param.name); });

/// Kismet is there, and has settings of its own that say this.
void kismetSays(Facts& f, KismetSettings said) {
    f.kismet.installed = f.kismet.hasSettings = true;
    f.kismet.settings = std::move(said);
}

INSTANTIATE_TEST_SUITE_P(
    Kismet, DoctorTable,
    testing::Values(Case{"WantedAndMissing", "kismet",
                         [](Facts& f) { settings(f, "SCANNER=kismet\nTAK_OUTPUTS=udp://a:1"); },
                         Result::fault, "not installed", "https://www.kismetwireless.net/packages/"},
                    Case{"MissingHasAnotherWay", "kismet",
                         [](Facts& f) { settings(f, "SCANNER=kismet\nTAK_OUTPUTS=udp://a:1"); },
                         Result::fault, "not installed", "SCANNER=builtin"},
                    Case{"HowToGetIt", "kismet", [](Facts&) {}, Result::skipped,
                         "https://www.kismetwireless.net/packages/", ""},
                    Case{"NotAskedFor", "kismet",
                         [](Facts& f) {
                             settings(f, "SCANNER=builtin\nTAK_OUTPUTS=udp://a:1");
                             f.kismet.installed = true;
                         },
                         Result::skipped, "not asked for", ""},
                    Case{"Unclaimed", "kismet",
                         [](Facts& f) {
                             f.kismet.installed = true;
                             f.kismet.login = false;
                         },
                         Result::warning, "nobody has claimed", "stinkyctl kismet"},
                    Case{"There", "kismet",
                         [](Facts& f) {
                             f.kismet.installed = true;
                             f.kismet.login = true;
                         },
                         Result::ok, "installed", ""},
                    Case{"NotTheScanner", "kismet-settings", [](Facts&) {}, Result::skipped,
                         "not what scans", ""},
                    Case{"NoSettings", "kismet-settings", [](Facts& f) { f.kismet.installed = true; },
                         Result::ok, "ours hold", ""},
                    Case{"SettingsUnseen", "kismet-settings",
                         [](Facts& f) { f.kismet.installed = f.kismet.hasSettings = true; }, Result::skipped,
                         "root only", ""},
                    Case{"UnknownSetting", "kismet-settings",
                         [](Facts& f) {
                             kismetSays(f, {{"7: log_typs: Kismet has no such setting"}, {}});
                         },
                         Result::fault, "kismet.conf:7: log_typs", "remove that line"},
                    Case{"NothingForTak", "kismet-settings",
                         [](Facts& f) {
                             kismetSays(f, {{}, {{"kismet", "pcapng"}}});
                         },
                         Result::fault, "log_types=kismet, pcapng", "log_types+="},
                    Case{"AmongOthers", "kismet-settings",
                         [](Facts& f) {
                             kismetSays(f, {{}, {{"kismet", "wiglecsv"}}});
                         },
                         Result::ok, "in order", ""},
                    Case{"OtherSettings", "kismet-settings", [](Facts& f) { kismetSays(f, {}); }, Result::ok,
                         "in order", ""}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Web, DoctorTable,
    testing::Values(
        Case{"OldRoutesOpen", "web-legacy-open",
             [](Facts& f) { settings(f, "LEGACY_OPEN=10.42.0.0/24\nTAK_OUTPUTS=udp://a:1"); },
             Result::warning, "LEGACY_OPEN=10.42.0.0/24", "stinkyctl token"},
        Case{"OldRoutesClosed", "web-legacy-open", [](Facts&) {}, Result::ok, "need the token", ""},
        Case{"OnThisMachine", "web-access", [](Facts&) {}, Result::ok, "this machine only", ""},
        Case{"OpenToOthers", "web-access",
             [](Facts& f) { settings(f, "LISTEN=0.0.0.0:5000\nTAK_OUTPUTS=udp://a:1"); }, Result::ok,
             "need the token: 0.0.0.0:5000", ""},
        Case{"OpenReadsToOthers", "web-access",
             [](Facts& f) {
                 settings(f, "LISTEN=127.0.0.1:5000 [::]:5000\nOPEN_READS=yes\nTAK_OUTPUTS=udp://a:1");
             },
             Result::warning, "open to others: [::]:5000", "OPEN_READS=no"},
        Case{"OpenReadsHere", "web-access",
             [](Facts& f) {
                 settings(f, "LISTEN=127.0.0.1:5000 [::1]:5000\nOPEN_READS=yes\nTAK_OUTPUTS=udp://a:1");
             },
             Result::ok, "this machine only", ""},
        Case{"NoToken", "web-access", [](Facts& f) { f.webToken = false; }, Result::warning, "no token",
             "stinkyctl token --new"},
        Case{"NoTokenForOthers", "web-access",
             [](Facts& f) {
                 settings(f, "LISTEN=192.168.4.1:5000\nTAK_OUTPUTS=udp://a:1");
                 f.webToken = false;
             },
             Result::warning, "open to others: 192.168.4.1:5000", "stinkyctl token --new"}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Tak, DoctorTable,
    testing::Values(Case{"NotReachable", "tak-outputs",
                         [](Facts& f) { f.outputs[0].problem = "Network is unreachable"; }, Result::fault,
                         "udp://10.0.0.9:4242: Network is unreachable", "stinkyctl tak test"},
                    Case{"NotTried", "tak-outputs", [](Facts& f) { f.outputs[0].tried = false; },
                         Result::skipped, "not tried", ""},
                    Case{"NoOutputs", "tak-outputs", [](Facts& f) { f.outputs.clear(); }, Result::warning,
                         "names none", "TAK_OUTPUTS="},
                    Case{"Expired", "certificates", [](Facts& f) { f.certificates[0].daysLeft = -1; },
                         Result::fault, "has expired", "new one"},
                    Case{"ExpiresSoon", "certificates", [](Facts& f) { f.certificates[0].daysLeft = 12; },
                         Result::warning, "12 days", "new one"},
                    Case{"Unreadable", "certificates",
                         [](Facts& f) { f.certificates[0].problem = "Permission denied"; }, Result::fault,
                         "Permission denied", "TAK_TLS_"},
                    Case{"NoTls", "certificates", [](Facts& f) { f.certificates.clear(); }, Result::skipped,
                         "no TLS", ""}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Doctor, FindsNothingOnAHealthyMachine) {
    for (const Check& check : examine(healthy()))
        EXPECT_TRUE(check.result == Result::ok || check.result == Result::skipped)
            << check.name << ": " << check.what;
}

TEST(Doctor, CountsAndShows) {
    const std::vector<Check> checks = {{"a", Result::ok, "well", "", ""},
                                       {"b", Result::fault, "broken", "it matters", "mend it"}};
    EXPECT_EQ(renderChecks(checks, {}), "  ok       a: well\n"
                                        "  fault    b: broken\n"
                                        "           it matters\n"
                                        "           → mend it\n"
                                        "\n1 fault, 0 warnings, 1 ok\n");
    const auto json = toJson(checks);
    EXPECT_EQ(json["ok"], false);
    EXPECT_EQ(json["faults"], 1);
    EXPECT_EQ(json["checks"][1]["fix"], "mend it");
    // The report that the test of the page shows has the same form.
    const auto recorded = nlohmann::json::parse(readFile(TEST_DATA "/doctor.json"));
    const auto keys = [](const auto& object) {
        std::set<std::string> names;
        for (const auto& [name, value] : object.items())
            names.insert(name);
        return names;
    };
    EXPECT_EQ(keys(json), keys(recorded));
    for (const auto& check : recorded["checks"])
        EXPECT_EQ(keys(json["checks"][1]), keys(check));
}

TEST(ParseKismetLint, ReadsWhatTheProgramPrints) {
    const auto said =
        parseKismetLint(R"([{"file":"/etc/stinky/kismet.conf","problems":[{"line":2,"message":"x"}],)"
                        R"("log_types":["kismet"]}])");
    ASSERT_TRUE(said);
    EXPECT_EQ(said->problems, std::vector<std::string>{"2: x"});
    EXPECT_EQ(said->logTypes, std::vector<std::string>{"kismet"});
    const auto clean = parseKismetLint(R"([{"file":"f","problems":[],"log_types":null}])");
    ASSERT_TRUE(clean);
    EXPECT_TRUE(clean->problems.empty());
    EXPECT_FALSE(clean->logTypes);
    for (const char* other :
         {"", "[]", "{}", R"([{"file":"f"}])", R"([{"problems":[{"line":"2"}],"log_types":null}])"})
        EXPECT_FALSE(parseKismetLint(other)) << other;
}

TEST(EndpointOf, ReadsUrls) {
    EXPECT_EQ(endpointOf("tls://tak.example.org:8089").host, "tak.example.org");
    EXPECT_EQ(endpointOf("udp+multicast://239.2.3.1:6969").port, "6969");
    EXPECT_EQ(endpointOf("udp://[fe80::1]:6969?ttl=2").host, "fe80::1");
    for (const char* bad : {"", "x", "udp://", "udp://host", "udp://:1", "udp://host:"})
        EXPECT_EQ(endpointOf(bad).host, "") << bad;
}

} // namespace
} // namespace stinky::ctl
