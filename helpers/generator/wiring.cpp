#include "generator/wiring.h"

#include "common/mac_address.h"
#include "common/text.h"

#include <fmt/format.h>

namespace stinky::generator {
namespace {

GeneratedFile wanted(const std::string& unit, const std::string& source) {
    return {"stinky.target.wants/" + unit, source, true};
}

std::string defaultOf(std::string_view name) {
    return Config().text(name);
}

constexpr const char* generatedBy =
    "# Written by stinky-generator from /etc/stinky/stinky.conf: change it there.\n";

// A port that is no USB device has no udev rule. Its receiver belongs to the machine, so the device pulls
// the unit in, also while the survey is stopped. After a reload the device is there already and nothing
// would happen: then stinky-gps.service does it. Only for a port that is there, as systemd waits 90 s for
// one that is not.
void wireGpsPorts(const MachineFacts& machine, const std::string& unitDirectory,
                  std::vector<GeneratedFile>& files) {
    for (const GpsPort& port : machine.gpsPorts) {
        const std::string instance = escapeInstance(port.path.substr(std::string("/dev/").size()));
        const std::string unit = "stinky-gps@" + instance + ".service";
        const std::string source = unitDirectory + "/stinky-gps@.service";
        files.push_back({"dev-" + instance + ".device.wants/" + unit, source, true});
        if (port.exists)
            files.push_back({"stinky-gps.service.wants/" + unit, source, true});
    }
}

void wireGps(const Config& config, const MachineFacts& machine, const std::string& unitDirectory,
             std::vector<GeneratedFile>& files) {
    files.push_back(wanted("stinky-gps.service", unitDirectory + "/stinky-gps.service"));
    wireGpsPorts(machine, unitDirectory, files);
    // Nobody has the right to set the clock unless it is asked for.
    if (config.text("GPS_TIME") == "yes")
        files.push_back({"stinky-gps.service.d/50-time.conf", fmt::format(R"({}[Service]
AmbientCapabilities=CAP_SYS_TIME
CapabilityBoundingSet=CAP_SYS_TIME
SystemCallFilter=clock_settime clock_settime64
)",
                                                                          generatedBy)});
    if (const std::string& console = config.text("GPS_DISPLAY_TTY"); !console.empty()) {
        files.push_back(wanted("stinky-cgps.service", unitDirectory + "/stinky-cgps.service"));
        const std::string login = "getty@" + console.substr(std::string("/dev/").size()) + ".service";
        files.push_back({"stinky-cgps.service.d/50-console.conf",
                         fmt::format(R"({0}[Unit]
Conflicts={1}
After={1}

[Service]
TTYPath={2}
DeviceAllow={2} rw
Environment=STINKY_GPSD={3}
)",
                                     generatedBy, login, console, config.text("GPSD"))});
    }
    // Debian's socket also listens on [::1], and fails as a whole where the kernel cannot.
    if (!machine.ipv6)
        files.push_back({"gpsd.socket.d/50-stinky-no-ipv6.conf", fmt::format(R"({}[Socket]
ListenStream=
ListenStream=/run/gpsd.sock
ListenStream=127.0.0.1:2947
)",
                                                                             generatedBy)});
}

// Requires= rather than BindsTo=: when the guard dies, its restore takes the interface down and the scanner
// fails with it; its own restart then starts both again. Bound, it would be stopped for good.
GeneratedFile onRadio(const std::string& scanner, const std::string& radio) {
    return {scanner + ".d/50-radio.conf", fmt::format(R"({0}[Unit]
Requires=stinky-radio@{1}.service
After=stinky-radio@{1}.service

[Service]
EnvironmentFile=/run/stinky/radio/{2}.env
)",
                                                      generatedBy, escapeInstance(radio), radio)};
}

// Kismet, and stinky-scan behind it: its condition is met when Kismet found too little memory.
void wireKismet(const Config& config, const MachineFacts& machine, std::vector<GeneratedFile>& files) {
    files.push_back({"stinky-kismet.service.d/50-limits.conf",
                     fmt::format("{}[Service]\nMemoryHigh={}\nMemoryMax={}\n{}", generatedBy,
                                 config.text("KISMET_MEMORY_HIGH"), config.text("KISMET_MEMORY_MAX"),
                                 machine.kismetGroup ? "SupplementaryGroups=kismet\n" : "")});
    files.push_back({"stinky-scan.service.d/60-stand-in.conf", fmt::format(R"({}[Unit]
After=stinky-kismet.service
ConditionPathExists=/run/stinky/scan/in-place-of-kismet

[Service]
Environment=STINKY_STAND_IN=/run/stinky/scan/in-place-of-kismet
)",
                                                                           generatedBy)});
}

// A card has a unit of its own, named by what RADIO= says of it; which interface that is, the guard finds
// out and tells the scanner in a file. One scanner listens on one card: the first.
void wireScanner(const Config& config, const MachineFacts& machine, const std::string& unitDirectory,
                 std::vector<GeneratedFile>& files) {
    const std::string& scanner = config.text("SCANNER");
    if (scanner == "none")
        return;
    const bool kismet = scanner == "kismet" || (scanner == "auto" && machine.kismet);
    std::vector<std::string> radios = config.list("RADIO");
    for (std::string& radio : radios)
        // As udev writes it: the name of the card's device unit has it too.
        if (radio.starts_with("mac:"))
            radio = "mac:" + MacAddress::parse(radio.substr(4)).value().toString();
    for (const std::string& radio : radios)
        files.push_back(wanted(
            "stinky-radio@" + escapeInstance(radio) + ".service",
            unitDirectory + (radio == "auto" ? "/stinky-radio@auto.service" : "/stinky-radio@.service")));
    for (const char* unit : {"stinky-kismet.service", "stinky-scan.service"}) {
        if (!kismet && unit == std::string("stinky-kismet.service"))
            continue;
        files.push_back(wanted(unit, unitDirectory + "/" + unit));
        files.push_back(onRadio(unit, radios.front()));
    }
    if (kismet)
        wireKismet(config, machine, files);
}

void wireWeb(const Config& config, std::vector<GeneratedFile>& files) {
    if (config.text("LISTEN") != defaultOf("LISTEN")) {
        std::string content = std::string(generatedBy) + "[Socket]\nListenStream=\n";
        for (const std::string& address : config.list("LISTEN"))
            content += "ListenStream=" + address + "\n";
        files.push_back({"stinky-controller.socket.d/50-listen.conf", content});
    }
    // The key is root's: systemd reads it and hands it over.
    if (const std::string& certificate = config.text("WEB_TLS");
        certificate != "no" && certificate != "self") {
        const std::string& key = config.text("WEB_TLS_KEY");
        files.push_back({"stinky-controller.service.d/50-tls.conf",
                         fmt::format("{}[Service]\nLoadCredential=tls.crt:{}\nLoadCredential=tls.key:{}\n",
                                     generatedBy, certificate, key.empty() ? certificate : key)});
    }
}

// systemd.unit(5): '%' starts a specifier.
std::string withoutSpecifiers(const std::string& text) {
    std::string out;
    for (const char c : text)
        out += c == '%' ? "%%" : std::string(1, c);
    return out;
}

// A copy that is not there is told by the unit's own check, which comes before the directory is entered.
void wireWigleToTak(const std::string& directory, const std::string& unitDirectory,
                    std::vector<GeneratedFile>& files) {
    files.push_back(wanted("stinky-wigletotak.service", unitDirectory + "/stinky-wigletotak.service"));
    if (!directory.empty())
        files.push_back({"stinky-wigletotak.service.d/50-copy.conf",
                         fmt::format(R"({0}[Service]
WorkingDirectory=-{1}
Environment="WIGLETOTAK_DIR={1}"
)",
                                     generatedBy, withoutSpecifiers(directory))});
}

} // namespace

std::vector<GeneratedFile> wiring(const Config& config, const std::string& unitDirectory,
                                  const MachineFacts& machine) {
    std::vector<GeneratedFile> files;
    wireGps(config, machine, unitDirectory, files);
    wireScanner(config, machine, unitDirectory, files);
    wireWeb(config, files);
    if (config.text("TAK_PART") == "stinky-tak")
        files.push_back(wanted("stinky-tak.service", unitDirectory + "/stinky-tak.service"));
    if (config.text("TAK_PART") == "wigletotak")
        wireWigleToTak(config.text("WIGLETOTAK_DIR"), unitDirectory, files);
    return files;
}

} // namespace stinky::generator
