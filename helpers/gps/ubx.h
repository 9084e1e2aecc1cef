#pragma once

#include "gps/frame_scanner.h"

namespace stinky::gps {

/// UBX of u-blox receivers. Source: u-blox 8/M8 Receiver Description (UBX-13003221), 32.2: B5 62, class, id,
/// length of the payload (16 bit, low byte first), payload, and the 8-bit Fletcher checksum over class up to
/// payload.
struct UbxFormat {
    /// NAV-SAT of 72 satellites, the longest periodic message, has 880 bytes. A longer one is taken for
    /// noise.
    static constexpr std::size_t longest = 1024;
    static constexpr std::size_t headerLength = 6;
    static Verdict examine(std::span<const std::uint8_t> bytes) noexcept;
};

using UbxReader = FrameScanner<UbxFormat>;

} // namespace stinky::gps
