#include "common/atomic_file.h"
#include "ctl/doctor/doctor.h"
#include "ctl/doctor/kismet_facts.h"
#include "ctl/doctor/route_facts.h"
#include "ctl/doctor/tak_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "controller/doctor_table.h"

namespace stinky::ctl {
namespace {

using testing::HasSubstr;

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

/// A machine with this line in its settings, on which these programs listen.
std::function<void(Facts&)> listening(const std::string& line, const std::vector<Listener>& listeners) {
    return [=](Facts& f) {
        settings(f, (line + "\nTAK_OUTPUTS=udp://a:1").c_str());
        f.listeners = listeners;
    };
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
        Case{"PortOfTheSettings", "ports",
             listening("LISTEN=127.0.0.1:5000 [::1]:8080", {{"tcp", 8080, false, {"java"}}}), Result::fault,
             "8080 belongs to java", "stop that program"},
        Case{"PortThatTheSettingsLeave", "ports",
             listening("LISTEN=127.0.0.1:8080",
                       {{"tcp", 5000, false, {"flask"}}, {"udp", 8080, false, {"java"}}}),
             Result::ok, "no other program", ""},
        Case{"PortOfKismet", "ports",
             listening("KISMET_LISTEN=0.0.0.0:2601",
                       {{"tcp", 2501, false, {"other"}}, {"tcp", 2601, false, {"zebra"}}}),
             Result::fault, "2601 belongs to zebra", "stop that program"},
        Case{"PortOfNoKismet", "ports", listening("SCANNER=builtin", {{"tcp", 2501, false, {"other"}}}),
             Result::ok, "no other program", ""},
        Case{"PortOfGpsd", "ports",
             listening("GPSD=localhost:2950",
                       {{"tcp", 2947, false, {"other"}}, {"tcp", 2950, true, {"socat"}}}),
             Result::fault, "2950 belongs to socat", "stop that program"},
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

TEST(HasDefaultRoute, OfEitherProtocolAndOfThisInterface) {
    const std::string head = "Iface\tDestination\tGateway \tFlags\n";
    const std::string zeros(32, '0');
    const auto ipv6 = [&](const std::string& destination, const char* length, const char* flags,
                          const char* interface) {
        return destination + " " + length + " " + zeros + " 00 fe80" + std::string(27, '0') +
               "1 00000400 00000001 00000000 " + flags + "     " + interface + "\n";
    };
    const std::string way = ipv6(zeros, "00", "00000003", "wlan2");
    EXPECT_TRUE(hasDefaultRoute(head + "wlan2\t00000000\t0104A8C0\t0003\n", "", "wlan2"));
    EXPECT_FALSE(hasDefaultRoute(head + "wlan2\t0004A8C0\t00000000\t0001\n", "", "wlan2"));
    EXPECT_TRUE(hasDefaultRoute(head, ipv6(zeros, "00", "00200200", "lo") + way, "wlan2"));
    EXPECT_FALSE(hasDefaultRoute(head, way, "wlan1"));
    EXPECT_FALSE(
        hasDefaultRoute(head, ipv6("ff" + std::string(30, '0'), "08", "00000001", "wlan2"), "wlan2"));
    EXPECT_FALSE(hasDefaultRoute(head, ipv6(zeros, "00", "00200200", "lo"), "lo")) << "it refuses";
    EXPECT_FALSE(hasDefaultRoute("", "nonsense\n\n", "wlan2"));
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
