#pragma once

#include "common/nl80211.h"
#include "radio/link.h"
#include "radio/saved_state.h"

#include <cstdint>
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
    MacAddress mac;
    CardState state;
    bool defaultRoute = false;
    bool session = false;          ///< an open ssh session comes by it
    std::set<std::uint32_t> types; ///< supported enum nl80211_iftype
    std::vector<WifiChannel> channels;
};

/// "wlan2 (phy2, mac80211_hwsim)".
std::string describe(const RadioInfo& radio);

/// Every radio, one entry for each of its interfaces, in the order of the names.
std::vector<RadioInfo> listRadios(Nl80211& wireless, RouteSocket& routes);

/// Throws Error with code ENODEV when there is no such interface, or it is not a wireless one.
RadioInfo readRadio(Nl80211& wireless, RouteSocket& routes, const std::string& interface);

/// What has to be saved of a card before it is changed.
SavedState stateToSave(const RadioInfo& radio);

/// The id of the running kernel's boot, 32 hexadecimal digits.
std::string bootId();

} // namespace stinky::radio
