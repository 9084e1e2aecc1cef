#include "ctl/doctor/checks.h"

#include "ctl/status_table.h"

#include <fmt/format.h>
#include <linux/nl80211.h>

#include <algorithm>
#include <string_view>

namespace stinky::ctl {
namespace {

Check ok(const char* name, std::string what) {
    return {name, Result::ok, std::move(what), "", ""};
}

Check skipped(const char* name, std::string what) {
    return {name, Result::skipped, std::move(what), "", ""};
}

Check warning(const char* name, std::string what, std::string why, std::string fix) {
    return {name, Result::warning, std::move(what), std::move(why), std::move(fix)};
}

Check fault(const char* name, std::string what, std::string why, std::string fix) {
    return {name, Result::fault, std::move(what), std::move(why), std::move(fix)};
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& one : list)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

constexpr std::uint64_t megabyte = 1'000'000;
constexpr int firstYear = 2024;

Check checkSettings(const Facts& f) {
    if (f.configFindings.empty())
        return ok("settings", f.configPath + " is in order");
    return fault("settings",
                 fmt::format("{} of {} is not taken: {}", f.configFindings.size() == 1 ? "a line" : "lines",
                             f.configPath, f.configFindings.front().message),
                 "such a setting keeps its default", "stinkyctl check-config");
}

Check checkController(const Facts& f) {
    if (!f.status)
        return fault("controller", "the controller does not answer: " + f.controllerProblem,
                     "nobody can see or steer the sensor", "systemctl status stinky-controller");
    if (f.status->state == "failed")
        return fault("controller", "the sensor has failed: " + f.status->reason, "it does not survey",
                     f.status->nextStep.empty() ? "stinkyctl start" : f.status->nextStep);
    if (f.status->state == "degraded")
        return warning("controller", "the sensor is degraded: " + f.status->reason,
                       "it does a part of its work",
                       f.status->nextStep.empty() ? "stinkyctl status" : f.status->nextStep);
    return ok("controller", "the sensor is " + f.status->state);
}

Check checkUnits(const Facts& f) {
    if (!f.status)
        return skipped("unit-files", "systemd was not asked");
    if (f.changedUnits.empty())
        return ok("unit-files", "systemd holds the unit files as they are on the disk");
    return warning("unit-files", "changed on the disk since systemd read them: " + joined(f.changedUnits),
                   "the old settings are in force", "systemctl daemon-reload && stinkyctl restart");
}

Check checkDongle(const Facts& f) {
    if (f.ports.empty() && f.gps.devices.empty())
        return warning("gps-dongle", "no USB serial port and no receiver of gpsd",
                       "without a position nothing is written and nothing goes to TAK",
                       "plug a GPS dongle in, or set GPS_DEVICES= for a UART");
    std::vector<std::string> unserved;
    for (const SerialPort& port : f.ports) {
        const std::string unit = "stinky-gps@" + port.name + ".service";
        const bool has = f.status && std::ranges::any_of(f.status->units, [&](const UnitLine& u) {
                             return u.name == unit && (u.active() || u.activeState == "activating");
                         });
        if (!has && !f.gps.devices.contains("/dev/" + port.name))
            unserved.push_back(fmt::format("{} ({} {})", port.name, port.usbId, port.product));
    }
    if (!unserved.empty() && f.gps.devices.empty())
        return warning("gps-dongle", "no receiver was found on " + joined(unserved),
                       "without a position nothing is written and nothing goes to TAK",
                       "look why: stinkyctl logs gps@" + f.ports.front().name +
                           "; GPS_ALLOW= and GPS_DENY= decide too");
    return ok("gps-dongle", f.gps.devices.empty()
                                ? "a receiver is being set up"
                                : "gpsd has " + joined({f.gps.devices.begin(), f.gps.devices.end()}));
}

Check checkHolders(const Facts& f) {
    for (const SerialPort& port : f.ports) {
        std::vector<std::string> others;
        for (const std::string& holder : port.holders)
            if (holder != "gpsd" && !holder.starts_with("stinky-gps"))
                others.push_back(holder);
        if (!others.empty())
            return fault("gps-port-free", port.name + " is held by " + joined(others),
                         "two programs on one port each get half of the sentences",
                         "stop that program, or name the port in GPS_DENY=");
    }
    if (!f.root && !f.ports.empty())
        return skipped("gps-port-free", "who holds a port is seen by root only: sudo stinkyctl doctor");
    return ok("gps-port-free", "no other program holds a serial port");
}

Check checkGpsd(const Facts& f) {
    if (f.gps.answered)
        return ok("gpsd", "gpsd answers on " + f.config.text("GPSD"));
    if (!f.ipv6 && f.gpsdSocket == "failed")
        return fault("gpsd", "gpsd.socket failed, and this machine has no IPv6",
                     "Debian's socket also listens on [::1], and fails as a whole where the kernel cannot",
                     "systemctl daemon-reload && systemctl restart gpsd.socket");
    return fault("gpsd", "gpsd does not answer on " + f.config.text("GPSD"), "the position comes from it",
                 "systemctl restart gpsd.socket gpsd.service");
}

Check checkFix(const Facts& f) {
    if (!f.gps.answered)
        return skipped("gps-fix", "gpsd does not answer");
    const std::string problem = positionProblem(f.gps, f.gpsAt);
    if (problem.empty())
        return ok("gps-fix", fmt::format("{}D fix, {} of {} satellites", f.gps.fix.mode,
                                         f.gps.satellitesUsed, f.gps.satellitesSeen));
    return warning("gps-fix", problem, "without a position nothing is written and nothing goes to TAK",
                   f.gps.devices.empty() ? "plug a GPS dongle in"
                                         : "give the antenna a view of the sky: stinkyctl gps --watch");
}

Check checkClock(const Facts& f) {
    if (f.year < firstYear)
        return fault("clock", fmt::format("the clock says {}", f.year),
                     "every record and every event has a wrong time",
                     "set GPS_TIME=yes, or connect to a network with NTP");
    if (!f.clockSynchronised)
        return warning("clock", "nothing keeps the clock", "times in captures and events drift",
                       "timedatectl set-ntp true, or GPS_TIME=yes");
    return ok("clock", "the clock is synchronised");
}

bool surveys(const Facts& f) {
    return f.config.text("SCANNER") != "none";
}

Check checkRadio(const Facts& f) {
    const std::string& name = f.radio.name;
    if (!surveys(f))
        return skipped("radio", "SCANNER=none");
    if (!f.radio.known)
        return fault("radio", "this kernel has no Wi-Fi (nl80211)", "there is nothing to survey with",
                     "plug a Wi-Fi card in");
    if (!f.radio.interface)
        return fault("radio", "there is no card " + name, "there is nothing to survey with",
                     "plug it in, or set RADIO= to one of: stinky-radio list");
    if (!f.radio.canMonitor)
        return fault("radio", fmt::format("{} ({}) has no monitor mode", name, f.radio.driver),
                     "only a card in monitor mode hears the access points around",
                     "set RADIO= to a card that has it: stinky-radio list");
    return ok("radio",
              fmt::format("{} ({}) has monitor mode and {} channels, now in {} mode", name, f.radio.driver,
                          f.radio.usableChannels, wifiTypeName(f.radio.interface->type)));
}

Check checkBlocked(const Facts& f) {
    if (!surveys(f) || !f.radio.interface)
        return skipped("radio-blocked", "no card to look at");
    if (f.radio.hardBlocked)
        return fault("radio-blocked", "the card is switched off by its switch or key", "it can hear nothing",
                     "use the machine's switch for radios");
    if (f.radio.softBlocked)
        return warning("radio-blocked", "the card is blocked by rfkill",
                       "it can hear nothing until it is unblocked", "rfkill unblock wifi");
    return ok("radio-blocked", "the card is not blocked");
}

Check checkUplink(const Facts& f) {
    if (!surveys(f) || !f.radio.interface)
        return skipped("radio-uplink", "no card to look at");
    if (f.radio.defaultRoute && f.config.text("RADIO_FORCE") != "yes")
        return fault("radio-uplink", f.radio.name + " carries the default route",
                     "it is not taken, because that would cut the machine off",
                     "set RADIO= to another card, or RADIO_FORCE=yes when that is meant");
    return ok("radio-uplink", "the card carries no default route");
}

Check checkNetworkManager(const Facts& f) {
    if (!surveys(f) || !f.radio.managedByNm)
        return skipped("network-manager", "NetworkManager does not run or does not know the card");
    const bool held = f.radio.interface && f.radio.interface->type == NL80211_IFTYPE_MONITOR;
    if (*f.radio.managedByNm && held)
        return fault("network-manager", "NetworkManager manages " + f.radio.name + " while it surveys",
                     "it takes the card back in the middle of a survey",
                     "nmcli device set " + f.radio.name + " managed no");
    return ok("network-manager", *f.radio.managedByNm
                                     ? "NetworkManager has the card, and lends it while the survey runs"
                                     : "NetworkManager leaves the card alone");
}

Check checkCountry(const Facts& f) {
    if (!surveys(f) || !f.radio.known)
        return skipped("regulatory-domain", "no card to look at");
    if (f.radio.country.empty() || f.radio.country == "00")
        return warning("regulatory-domain", "no country is set",
                       "channels 12 to 14 and most of 5 GHz may not be used",
                       "set COUNTRY=, like COUNTRY=DE");
    return ok("regulatory-domain", "the country is " + f.radio.country);
}

Check checkKismet(const Facts& f) {
    if (!f.kismet.wanted)
        return skipped("kismet", f.kismet.installed ? "installed, not asked for by SCANNER="
                                                    : "not installed, not asked for");
    if (!f.kismet.installed)
        return fault("kismet", "SCANNER=kismet, and Kismet is not installed", "nothing scans",
                     "install Kismet, or set SCANNER=builtin");
    if (f.kismet.login == false)
        return warning("kismet", "nobody has claimed Kismet's web interface",
                       "the first one who opens it becomes its administrator", "stinkyctl kismet");
    return ok("kismet", "Kismet is installed");
}

Check checkDisk(const Facts& f) {
    if (!f.freeBytes)
        return warning("disk", "the folder of the captures is not there", "the scanner cannot write",
                       "systemd-tmpfiles --create");
    const std::string what = bytesText(static_cast<double>(*f.freeBytes)) + " free for captures";
    if (*f.freeBytes < 50 * megabyte)
        return fault("disk", what, "the survey ends when the disk is full",
                     "delete old files of /var/lib/stinky/captures");
    if (*f.freeBytes < 500 * megabyte)
        return warning("disk", what, "a survey of some days fills that",
                       "delete old files of /var/lib/stinky/captures");
    return ok("disk", what);
}

Check checkMemoryController(const Facts& f) {
    if ((" " + f.cgroupControllers + " ").find(" memory ") != std::string::npos)
        return ok("memory-controller", "limits of memory are in force");
    return warning(
        "memory-controller", "the kernel counts no memory for units",
        "MemoryMax= is without effect: a scanner "
        "that runs away takes the machine with it",
        "add cgroup_enable=memory to /boot/cmdline.txt (or /boot/firmware/cmdline.txt) and reboot");
}

// Bits of vcgencmd get_throttled: https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
constexpr std::uint32_t undervoltageNow = 1U << 0;
constexpr std::uint32_t throttledNow = 1U << 2;
constexpr std::uint32_t undervoltageSinceBoot = 1U << 16;
constexpr std::uint32_t throttledSinceBoot = 1U << 18;

Check checkPower(const Facts& f) {
    if (!f.throttled)
        return skipped("power", "no Raspberry Pi, or its firmware does not tell");
    const std::uint32_t flags = *f.throttled;
    if ((flags & (undervoltageNow | throttledNow)) != 0)
        return fault("power",
                     (flags & undervoltageNow) != 0 ? "the supply is too weak at this moment"
                                                    : "the Pi is throttled",
                     "USB devices drop out and the card is damaged by a power cut",
                     "use a stronger supply and a shorter cable; cool it");
    if ((flags & (undervoltageSinceBoot | throttledSinceBoot)) != 0)
        return warning("power", "the supply was too weak, or the Pi too hot, since the boot",
                       "USB devices drop out under load",
                       "use a stronger supply and a shorter cable; cool it");
    return ok("power", "voltage and temperature are in order");
}

Check checkOutputs(const Facts& f) {
    if (f.config.text("TAK_PART") == "none")
        return skipped("tak-outputs", "TAK_PART=none");
    if (f.outputs.empty())
        return warning("tak-outputs", "TAK_OUTPUTS= names none", "nobody sees what is heard",
                       "set TAK_OUTPUTS=");
    for (const OutputFacts& output : f.outputs)
        if (!output.problem.empty())
            return fault("tak-outputs", output.url + ": " + output.problem,
                         "nobody there sees what is heard",
                         "look at the network, and try: stinkyctl tak test");
    return ok("tak-outputs",
              fmt::format("{} can be sent to", f.outputs.size() == 1 ? "the output" : "all outputs"));
}

Check checkCertificates(const Facts& f) {
    constexpr double soon = 30;
    if (f.certificates.empty())
        return skipped("certificates", "no TLS certificate is set");
    for (const CertificateFacts& certificate : f.certificates) {
        if (!certificate.problem.empty())
            return fault("certificates", certificate.path + ": " + certificate.problem,
                         "TLS outputs cannot connect", "look at TAK_TLS_* in " + f.configPath);
        if (certificate.daysLeft && *certificate.daysLeft <= 0)
            return fault("certificates", certificate.path + " has expired", "the server refuses it",
                         "get a new one from the server's administrator");
        if (certificate.daysLeft && *certificate.daysLeft < soon)
            return warning("certificates",
                           fmt::format("{} expires in {:.0f} days", certificate.path, *certificate.daysLeft),
                           "then the server refuses it", "get a new one from the server's administrator");
    }
    return ok("certificates", "certificates are valid");
}

struct OurPort {
    std::uint16_t port;
    const char* protocol;
    std::vector<std::string_view> ours;
    const char* what;
};

Check checkPorts(const Facts& f) {
    static const std::vector<OurPort> ours = {
        {2947, "tcp", {"gpsd", "systemd"}, "gpsd"},
        {2501, "tcp", {"kismet"}, "Kismet"},
        {5000, "tcp", {"systemd", "stinky-controlle"}, "the web page"}};
    for (const OurPort& port : ours)
        for (const Listener& listener : f.listeners) {
            if (listener.port != port.port || listener.protocol != port.protocol || listener.owners.empty())
                continue;
            const bool fine = std::ranges::any_of(listener.owners, [&](const std::string& owner) {
                return std::ranges::find(port.ours, owner) != port.ours.end();
            });
            if (!fine)
                return fault(
                    "ports", fmt::format("port {} belongs to {}", port.port, joined(listener.owners)),
                    fmt::format("{} needs it", port.what), "stop that program, or give it another port");
        }
    if (!f.root)
        return skipped("ports", "whose a port is is seen by root only: sudo stinkyctl doctor");
    return ok("ports", "no other program has our ports");
}

Check checkSecrets(const Facts& f) {
    constexpr unsigned others = 07;
    for (const SecretFacts& secret : f.secrets)
        if ((secret.mode & others) != 0)
            return fault("secrets",
                         fmt::format("{} can be read by everybody ({:04o})", secret.path, secret.mode),
                         "whoever is on the machine can send as this sensor", "chmod o= " + secret.path);
    return ok("secrets", f.secrets.empty() ? "there are no secrets" : "secrets are not open to everybody");
}

} // namespace

const char* toString(Result result) noexcept {
    switch (result) {
    case Result::ok:
        return "ok";
    case Result::warning:
        return "warning";
    case Result::fault:
        return "fault";
    case Result::skipped:
        return "skipped";
    }
    return "skipped";
}

std::vector<Check> examine(const Facts& facts) {
    std::vector<Check> checks;
    for (const auto& check : {checkSettings, checkController, checkUnits,        checkDongle,
                              checkHolders,  checkGpsd,       checkFix,          checkClock,
                              checkRadio,    checkBlocked,    checkUplink,       checkNetworkManager,
                              checkCountry,  checkKismet,     checkDisk,         checkMemoryController,
                              checkPower,    checkOutputs,    checkCertificates, checkPorts,
                              checkSecrets})
        checks.push_back(check(facts));
    return checks;
}

} // namespace stinky::ctl
