#pragma once

#include "gps/frame_scanner.h"

namespace stinky::gps {

/// SiRF binary. Source: SiRF Binary Protocol Reference Manual 1.7, 2.2: A0 A2, length of the payload (15
/// bit, high byte first, less than 1024), payload, the sum of its bytes modulo 2^15 (high byte first), B0
/// B3.
struct SirfFormat {
    static constexpr std::size_t longestPayload = 1023;
    static constexpr std::size_t longest = 4 + longestPayload + 4;
    static constexpr std::size_t headerLength = 4;
    static Verdict examine(std::span<const std::uint8_t> bytes) noexcept;
};

using SirfReader = FrameScanner<SirfFormat>;

} // namespace stinky::gps
