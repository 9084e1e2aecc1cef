#include "controller/doctor_table.h"

namespace stinky::ctl {
namespace {

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
             Result::ok, "no other program", ""},
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

} // namespace
} // namespace stinky::ctl
