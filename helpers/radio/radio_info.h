#pragma once

#include "common/nl80211.h"
#include "radio/link.h"
#include "radio/rfkill.h"
#include "radio/saved_state.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stinky::radio {

/// One radio and one of its interfaces.
struct RadioInfo {
    std::string interface; ///< empty for a radio without an interface
    std::uint32_t ifindex = 0;
    std::string phy;
    std::uint32_t wiphy = 0;
    std::string driver; ///< "?" where sysfs does not tell
    std::string bus;    ///< "usb", "pci", "sdio"; empty where sysfs does not tell
    MacAddress mac;
    MacAddress permanentMac;        ///< a manager may let the card use another one
    std::uint32_t frequencyMHz = 0; ///< 0 when on no channel: a managed card that is in no network
    CardState state;
    bool defaultRoute = false;
    bool session = false;          ///< an open ssh session comes by it
    std::set<std::uint32_t> types; ///< supported enum nl80211_iftype
    std::vector<WifiChannel> channels;
    std::optional<Block> block;       ///< rfkill; nothing where it is not known
    std::vector<std::string> holders; ///< programs that have the card, see findHolders()
};

/// "wlan2 (phy2, mac80211_hwsim)".
std::string describe(const RadioInfo& radio);

/// Every radio, one entry for each of its interfaces, in the order of the names.
std::vector<RadioInfo> listRadios(Nl80211& wireless, RouteSocket& routes);

/// Throws Error with code ENODEV when there is no such interface, or it is not a wireless one.
RadioInfo readRadio(Nl80211& wireless, RouteSocket& routes, const std::string& interface);

/// Fills in block and holders. Who may not ask is told nothing.
void findHolders(RadioInfo& radio);

/// What has to be saved of a card before it is changed.
SavedState stateToSave(const RadioInfo& radio, Nl80211& wireless);

/// The id of the running kernel's boot, 32 hexadecimal digits.
std::string bootId();

} // namespace stinky::radio
