#pragma once

#include "sim/gps_fix.h"

#include <cstdint>
#include <span>
#include <vector>

/// The binary protocol of u-blox receivers (u-blox 8/M8 Receiver Description, UBX-13003221).
namespace stinky::sim {

/// Sync characters, class, id, length and checksum around a payload of up to 65535 bytes.
std::vector<std::uint8_t> ubxFrame(std::uint8_t messageClass, std::uint8_t id,
                                   std::span<const std::uint8_t> payload);

/// UBX-NAV-PVT, 100 bytes: time, position, speed and fix in one message.
std::vector<std::uint8_t> ubxNavPvt(const GpsFix& fix);

} // namespace stinky::sim
