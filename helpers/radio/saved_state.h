#pragma once

#include "common/mac_address.h"
#include "radio/plan.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::radio {

/// How wpa_supplicant had an interface: what it takes to give it back.
struct SupplicantHold {
    std::string driver;     ///< "nl80211"
    std::string configFile; ///< empty for one that was set up over D-Bus
    std::string bridge;     ///< mostly empty

    bool operator==(const SupplicantHold&) const = default;
};

/// What else held a card, besides the kernel's state of it.
struct Hold {
    bool networkManager = false; ///< it managed the card
    std::optional<SupplicantHold> supplicant;
    bool softBlocked = false; ///< rfkill

    bool operator==(const Hold&) const = default;
};

/// How a card was before it was taken, and which card that is. On disk it is one JSON object:
///   {"version":1,"boot_id":"<32 hex>","interface":"wlan2","ifindex":5,"phy":"phy2","wiphy":2,
///    "mac":"02:00:00:00:02:00","type":"managed","up":false,
///    "network_manager":false,"soft_blocked":false,"wpa_supplicant":null,
///    "selector":"mac:02:00:00:00:02:00","monitor_interface":"","others":["wlan2ap"]}
/// with {"driver":"nl80211","config_file":"/etc/...","bridge":""} for a card that wpa_supplicant had.
/// The type is iw's word, so that a person can read the file and put the card back by hand.
struct SavedState {
    std::string bootId; ///< sd_id128_get_boot(3): the kernel's state is gone with its boot
    std::string interface;
    std::uint32_t ifindex = 0; ///< never given twice within a boot
    std::string phy;
    std::uint32_t wiphy = 0; ///< never given twice within a boot
    MacAddress mac;          ///< the permanent one, which alone outlives the boot
    CardState state;
    Hold hold = {};
    std::string selector = {};            ///< what the guard was told to hold: "wlan2", "mac:...", "auto"
    std::string monitor = {};             ///< the interface that was made beside it; empty for none
    std::vector<std::string> others = {}; ///< the radio's other interfaces

    bool operator==(const SavedState&) const = default;
};

/// The same card, not plugged anew or rebooted since: then its state is still what taking it left.
bool sameCard(const SavedState& a, const SavedState& b) noexcept;

std::string toJson(const SavedState& saved);

/// Reads a file's content. Throws Error naming `path` and the field when it is not exactly what toJson
/// writes: a restore must not be steered by a damaged file.
SavedState savedStateFromJson(std::string_view content, const std::string& path);

/// True for what the kernel takes as an interface name (net/core/dev.c, dev_valid_name): 1 to 15 bytes, not
/// "." or "..", without '/', ':' and white space. Also what makes it safe in a path.
bool isInterfaceName(std::string_view name) noexcept;

} // namespace stinky::radio
