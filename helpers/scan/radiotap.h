#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace stinky::scan {

using Bytes = std::span<const std::uint8_t>;

/// What a radiotap header (https://www.radiotap.org) tells of a frame.
struct Radiotap {
    std::size_t length = 0;         ///< of the header, bytes
    std::uint32_t frequencyMHz = 0; ///< 0 when it does not say
    int rssi = 0;                   ///< dBm, of the best antenna; 0 when it does not say
    bool badFcs = false;            ///< the frame is damaged
    bool fcsAtEnd = false;          ///< four bytes of checksum follow the frame
};

/// Nothing when the header is cut short or is not one.
std::optional<Radiotap> parseRadiotap(Bytes packet) noexcept;

} // namespace stinky::scan
