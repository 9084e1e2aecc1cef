#pragma once

#include "common/mac_address.h"
#include "common/netlink.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stinky {

/// A wireless interface as NL80211_CMD_GET_INTERFACE and NL80211_CMD_NEW_INTERFACE tell it
/// (linux/nl80211.h).
struct WifiInterface {
    std::uint32_t index = 0; ///< ifindex
    std::string name;
    std::uint32_t wiphy = 0;
    std::uint32_t type = 0; ///< enum nl80211_iftype
    MacAddress address;
    std::uint32_t frequencyMHz = 0; ///< 0 when on no channel

    bool operator==(const WifiInterface&) const = default;
};

/// A channel that a radio has.
struct WifiChannel {
    std::uint32_t frequencyMHz = 0;
    bool disabled = false; ///< by the regulatory domain
    bool noIr = false;     ///< listening only

    bool operator==(const WifiChannel&) const = default;
};

/// What NL80211_CMD_GET_WIPHY tells of a radio, as far as it is used here.
struct Wiphy {
    std::uint32_t index = 0;
    std::string name;                  ///< "phy2"
    std::set<std::uint32_t> types;     ///< supported enum nl80211_iftype
    std::vector<WifiChannel> channels; ///< in the order of the bands

    bool operator==(const Wiphy&) const = default;
};

/// Reads one message of the nl80211 family (checked lengths and types); nothing when a field that must be
/// there is not.
std::optional<WifiInterface> parseWifiInterface(nlmsghdr* message);
/// Adds what one message of a split dump holds to `wiphys`; a message without a wiphy index is ignored.
void parseWiphy(nlmsghdr* message, std::vector<Wiphy>& wiphys);

/// The word that iw(8) uses: "managed", "monitor", "AP"; "type 99" for an unknown one.
std::string wifiTypeName(std::uint32_t type);

/// Channel number of a centre frequency (IEEE 802.11-2020 annex E; 6 GHz from 5950 MHz); 0 when it is none.
int channelOfFrequency(std::uint32_t megahertz) noexcept;

/// Requests to nl80211. Each throws Error with the kernel's text.
class Nl80211 {
public:
    Nl80211();

    std::vector<WifiInterface> interfaces();
    /// Throws Error with code ENODEV when there is no such interface or it is not a wireless one.
    WifiInterface interface(const std::string& name);
    /// The same by ifindex, which stays with the card when it is renamed.
    WifiInterface interface(std::uint32_t index);
    std::vector<Wiphy> wiphys();
    /// One radio; throws Error with code ENODEV when there is none of that index.
    Wiphy wiphy(std::uint32_t index);

    /// NL80211_CMD_SET_INTERFACE: needs CAP_NET_ADMIN; most drivers want the interface down.
    void setType(const WifiInterface& interface, std::uint32_t type);
    /// NL80211_CMD_NEW_INTERFACE and NL80211_CMD_DEL_INTERFACE, another monitor interface of the same radio:
    /// need CAP_NET_ADMIN.
    void addMonitor(std::uint32_t wiphy, const std::string& name);
    void removeInterface(const WifiInterface& interface);
    /// NL80211_CMD_SET_WIPHY: tunes a monitor interface to a 20 MHz channel without HT.
    void setFrequency(const WifiInterface& interface, std::uint32_t megahertz);

    /// The country whose rules are in force, two letters; "00" is the world's common part, when none is set.
    std::string country();
    /// NL80211_CMD_REQ_SET_REG, for the whole machine: needs CAP_NET_ADMIN. The kernel answers before it is
    /// in force.
    void requestCountry(const std::string& country);

    /// Id of one of the family's multicast groups ("config", "mlme", "regulatory").
    int group(const char* name);

private:
    NlMessage request(std::uint8_t command, int flags = 0) const;
    WifiInterface readInterface(std::uint32_t index, const std::string& label);

    NetlinkSocket socket_;
    int family_ = 0;
};

} // namespace stinky
