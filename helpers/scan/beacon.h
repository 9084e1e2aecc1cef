#pragma once

#include "common/mac_address.h"
#include "scan/radiotap.h"

#include <cstdint>
#include <string>
#include <variant>

namespace stinky::scan {

/// An access point heard once.
struct Sighting {
    MacAddress bssid;
    std::string ssid;               ///< 0..32 bytes of anything; empty when hidden
    std::string authMode;           ///< "[WPA2-PSK-CCMP][ESS]", as WiGLE writes it
    int channel = 0;                ///< as the access point itself says, else the tuned one; 0 when unknown
    std::uint32_t frequencyMHz = 0; ///< of that channel; 0 when unknown
    int rssi = 0;                   ///< dBm; 0 when unknown

    bool operator==(const Sighting&) const = default;
};

/// Why a frame gave no sighting.
enum class FrameReject { badRadiotap, badFcs, otherFrame, truncated, badBssid, count };
const char* toString(FrameReject reason) noexcept;

/// Reads a beacon or a probe response (IEEE 802.11-2020, 9.3.3.2 and 9.3.3.10) behind its radiotap header. A
/// frame that is cut inside its elements gives what stands before the cut, if the SSID does.
std::variant<Sighting, FrameReject> parseBeacon(Bytes packet);

/// The text of an RSN element's body (element 48, 9.4.2.24) or, with `wpa`, of the older vendor element
/// behind its OUI and type: "[WPA2-PSK-CCMP]", "[WPA2-PSK-CCMP][WPA3-SAE-CCMP]". Empty when it is cut before
/// its key management.
std::string securityText(Bytes body, bool wpa);

} // namespace stinky::scan
