#include "ctl/doctor/facts.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/part_status.h"
#include "ctl/doctor/bus_facts.h"
#include "ctl/doctor/kismet_facts.h"
#include "ctl/doctor/process_facts.h"
#include "ctl/doctor/route_facts.h"
#include "ctl/doctor/secret_facts.h"
#include "ctl/doctor/serial_facts.h"
#include "ctl/doctor/sysfs.h"
#include "ctl/doctor/tak_facts.h"
#include "ctl/token.h"

#include <linux/nl80211.h>

#include <sys/socket.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <filesystem>

#include "view/captures.h"

namespace stinky::ctl {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds gpsPatience{4};

void gatherGps(Facts& facts) {
    EventLoop loop;
    GpsdClient gpsd(loop, facts.config.text("GPSD"), [&] {
        if (!gpsd.state().satellites.empty() && freshPosition(gpsd.state(), monotonicSeconds()))
            loop.exit(0);
    });
    Timer patience =
        loop.addTimer(std::chrono::milliseconds(10), "patience with gpsd", [&] { loop.exit(0); });
    patience.arm(gpsPatience);
    loop.run();
    facts.gps = gpsd.state();
    facts.gpsAt = monotonicSeconds();
}

void gatherClock(Facts& facts) {
    timex state = {};
    if (const int result = adjtimex(&state); result >= 0)
        facts.clockSynchronised = result != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
    const std::time_t now = std::time(nullptr);
    std::tm utc = {};
    gmtime_r(&now, &utc);
    facts.year = utc.tm_year + 1900;
}

/// https://docs.kernel.org/driver-api/rfkill.html, "Userspace support": soft and hard are 0 or 1.
void gatherBlocks(const std::string& phy, RadioFacts& radio) {
    for (const fs::path& one : entries("/sys/class/rfkill")) {
        if (attribute(one / "type") != "wlan" || attribute(one / "name") != phy)
            continue;
        radio.softBlocked = attribute(one / "soft") == "1";
        radio.hardBlocked = attribute(one / "hard") == "1";
    }
}

/// The first interface that RADIO= names; for mac:, phy:, driver: and auto the one that the part says it
/// has.
std::string radioName(const Facts& facts) {
    for (const std::string& name : facts.config.list("RADIO"))
        if (name != "auto" && name.find(':') == std::string::npos)
            return name;
    if (facts.status)
        for (const nlohmann::json& radio : facts.status->radios)
            if (const auto name = radio.find("interface"); name != radio.end() && name->is_string())
                return name->get<std::string>();
    return facts.config.text("RADIO");
}

void gatherRadio(Facts& facts) {
    RadioFacts& radio = facts.radio;
    const std::string name = facts.radio.name;
    try {
        Nl80211 wireless;
        radio.known = true;
        radio.country = wireless.country();
        radio.interface = wireless.interface(name);
        const Wiphy wiphy = wireless.wiphy(radio.interface->wiphy);
        radio.canMonitor = wiphy.types.contains(NL80211_IFTYPE_MONITOR);
        radio.usableChannels = static_cast<std::size_t>(std::ranges::count_if(
            wiphy.channels, [](const WifiChannel& channel) { return !channel.disabled; }));
        gatherBlocks(wiphy.name, radio);
    } catch (const Error& e) {
        // No such card, or no nl80211: that is what the checks say. Where even that may not be asked nothing
        // is known of the card.
        if (!radio.known && e.code() != ENOENT)
            radio.hidden = e.why();
    }
    const fs::path device = "/sys/class/net/" + name;
    radio.driver = linkName(device / "device/driver");
    radio.defaultRoute = carriesDefaultRoute(name);
}

std::optional<std::uint32_t> throttledFlags() {
    for (const char* path : {"/sys/devices/platform/soc/soc:firmware/get_throttled",
                             "/sys/devices/platform/scb/soc:firmware/get_throttled"}) {
        const std::string text = attribute(path);
        std::uint32_t flags = 0;
        if (!text.empty() &&
            std::from_chars(text.data(), text.data() + text.size(), flags, 16).ec == std::errc())
            return flags;
    }
    for (const fs::path& monitor : entries("/sys/class/hwmon"))
        if (attribute(monitor / "name") == "rpi_volt")
            return attribute(monitor / "in0_lcrit_alarm") == "1" ? 1U : 0U;
    return std::nullopt;
}

bool kernelHasIpv6() {
    const int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno != EAFNOSUPPORT;
}

} // namespace

Facts gatherFacts(const std::string& configPath, const Client::Where& where, bool connect) {
    Facts facts;
    facts.configPath = configPath;
    facts.root = geteuid() == 0;
    try {
        const std::string text = readFile(configPath);
        facts.config = Config::parse(text);
        facts.configFindings = checkConfig(text);
    } catch (const Error& e) {
        if (e.code() != ENOENT)
            facts.configFindings.push_back({0, "", e.what(), ""});
    }
    gatherController(where, facts);
    facts.radio.name = radioName(facts);
    gatherFromBus(facts);
    gatherSerialPorts(facts);
    gatherGps(facts);
    facts.ipv6 = kernelHasIpv6();
    gatherClock(facts);
    gatherRadio(facts);
    gatherKismet(facts);
    const view::Json disk = view::diskJson(view::captureDirectory);
    if (disk["free_bytes"].is_number())
        facts.freeBytes = disk["free_bytes"].get<std::uint64_t>();
    facts.cgroupControllers = attribute("/sys/fs/cgroup/cgroup.controllers");
    facts.throttled = throttledFlags();
    gatherTak(facts, connect);
    facts.listeners = listeners();
    gatherSecrets({"/etc/stinky", "/var/lib/stinky"}, facts);
    std::error_code none;
    facts.webToken = fs::exists(tokenPath, none);
    return facts;
}

} // namespace stinky::ctl
