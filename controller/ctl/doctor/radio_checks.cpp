#include "ctl/doctor/check_groups.h"

#include <fmt/format.h>
#include <linux/nl80211.h>

#include <algorithm>

namespace stinky::ctl {
namespace {

constexpr const char* kismetPackages = "https://www.kismetwireless.net/packages/";

bool surveys(const Facts& f) {
    return f.config.text("SCANNER") != "none";
}

/// stinky-radio has the card now.
bool heldByUs(const Facts& f) {
    return f.status && std::ranges::any_of(f.status->radios, [&](const nlohmann::json& radio) {
               return radio.value("held", false) && radio.value("interface", "") == f.radio.name;
           });
}

/// As stinky-generator decides it.
bool scansWithKismet(const Facts& f) {
    const std::string& scanner = f.config.text("SCANNER");
    return scanner == "kismet" || (scanner == "auto" && f.kismet.installed);
}

} // namespace

Check checkRadio(const Facts& f) {
    const std::string& name = f.radio.name;
    if (!surveys(f))
        return skipped("radio", "SCANNER=none");
    if (!f.radio.hidden.empty())
        return skipped("radio", "the kernel may not be asked from here (" + f.radio.hidden +
                                    "): sudo stinkyctl doctor");
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

Check checkRadioHolders(const Facts& f) {
    if (!surveys(f) || !f.radio.interface)
        return skipped("radio-held", "no card to look at");
    const std::string& name = f.radio.name;
    if (heldByUs(f)) {
        if (f.radio.supplicant)
            return fault("radio-held", "wpa_supplicant has " + name + " while it surveys",
                         "it changes the channel, and takes the card out of monitor mode",
                         "systemctl disable --now wpa_supplicant@" + name);
        return ok("radio-held", "stinky-radio holds " + name);
    }
    if (f.radio.interface->type == NL80211_IFTYPE_AP && f.config.text("RADIO_FORCE") != "yes")
        return fault("radio-held", name + " is an access point",
                     "it is not taken, because that would cut off who uses it",
                     "set RADIO= to another card, or RADIO_FORCE=yes when that is meant");
    if (f.radio.interface->type == NL80211_IFTYPE_MONITOR)
        return warning("radio-held", name + " is in monitor mode, and stinky-radio does not hold it",
                       "another program hops through its channels, or left it so",
                       "end that program, or: iw dev " + name + " set type managed");
    return ok("radio-held", f.radio.supplicant ? "wpa_supplicant has it, and lends it while the survey runs"
                                               : "no other program has it in monitor mode");
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
    const std::string& scanner = f.config.text("SCANNER");
    const std::string toGet = fmt::format("get it from Kismet's own Debian packages, {}, then: systemctl "
                                          "daemon-reload && systemctl restart stinky.target",
                                          kismetPackages);
    if (scanner == "kismet" && !f.kismet.installed)
        return fault("kismet", "SCANNER=kismet, and Kismet is not installed", "nothing scans",
                     toGet + "; or set SCANNER=builtin");
    if (scanner == "auto" && !f.kismet.installed)
        return skipped("kismet",
                       "not installed, stinky-scan surveys in its place; if you want it, " + toGet);
    if (!scansWithKismet(f))
        return skipped("kismet", f.kismet.installed ? "installed, not asked for by SCANNER="
                                                    : "not installed, not asked for");
    if (f.kismet.login == false)
        return warning("kismet", "nobody has claimed Kismet's web interface",
                       "the first one who opens it becomes its administrator", "stinkyctl kismet");
    return ok("kismet", "Kismet is installed");
}

Check checkKismetSettings(const Facts& f) {
    if (!scansWithKismet(f))
        return skipped("kismet-settings", "Kismet is not what scans");
    if (!f.kismet.hasSettings)
        return ok("kismet-settings", "there is no /etc/stinky/kismet.conf: ours hold");
    if (!f.kismet.settings)
        return skipped("kismet-settings",
                       "/etc/stinky/kismet.conf is read by root only: sudo stinkyctl doctor");
    const KismetSettings& settings = *f.kismet.settings;
    if (!settings.problems.empty())
        return fault("kismet-settings", "/etc/stinky/kismet.conf:" + settings.problems.front(),
                     "Kismet would pass over it without a word, so it is not started",
                     "correct or remove that line, then: stinkyctl restart");
    if (settings.logTypes && std::ranges::find(*settings.logTypes, "wiglecsv") == settings.logTypes->end())
        return fault("kismet-settings",
                     fmt::format("log_types={} in /etc/stinky/kismet.conf lacks wiglecsv",
                                 joined(*settings.logTypes)),
                     "that log is what goes to TAK: without it nothing does",
                     "write log_types+= there, which adds to wiglecsv, then: stinkyctl restart");
    return ok("kismet-settings", "/etc/stinky/kismet.conf is in order");
}

} // namespace stinky::ctl
