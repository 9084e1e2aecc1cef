#pragma once

#include "common/wigle_csv.h"

#include <chrono>
#include <string>

namespace stinky::tak {

using WallTime = std::chrono::system_clock::time_point;

/// How long a client shows an access point that is not heard again.
inline constexpr std::chrono::minutes staleAfter{10};

/// The largest event that is sent: one UDP datagram that needs no fragment on Ethernet.
inline constexpr std::size_t largestEvent = 1400;

/// "2026-06-27T12:45:09.120Z", as CoT wants its times.
std::string cotTime(WallTime time);

/// Metres around the sensor in which the access point stands: the receiver's own error and a distance from
/// the signal's strength (log-distance path loss). `accuracy` in m, 0 unknown; `rssi` in dBm, 0 unknown.
double circularError(double accuracy, int rssi) noexcept;

/// One Cursor-on-Target event (version 2.0) for an access point, at most `largestEvent` bytes. The uid comes
/// from the node and the BSSID only: the air cannot choose it. `node`: [A-Za-z0-9_-]+.
std::string cotEvent(const std::string& node, const WigleRow& row, WallTime now);

} // namespace stinky::tak
