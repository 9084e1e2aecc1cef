#include "scan/radiotap.h"

#include <array>

namespace stinky::scan {
namespace {

// The bits of it_present: https://www.radiotap.org/fields/defined
enum Field {
    flags = 1,
    channel = 3,
    antennaSignal = 5,
    radiotapNamespace = 29,
    vendorNamespace = 30,
    more = 31
};

struct Layout {
    std::uint8_t size;
    std::uint8_t alignment;
};

// Bits 0 to 28; a size of 0 ends the reading, as a field of unknown size hides where the next one starts.
constexpr std::array<Layout, 29> layouts = {{
    {8, 8}, {1, 1},  {1, 1},  {4, 2},  {2, 2},  {1, 1}, {1, 1}, {2, 2}, {2, 2}, {2, 2},
    {1, 1}, {1, 1},  {1, 1},  {1, 1},  {2, 2},  {2, 2}, {1, 1}, {1, 1}, {8, 4}, {3, 1},
    {8, 4}, {12, 2}, {12, 8}, {12, 2}, {12, 2}, {6, 2}, {1, 1}, {4, 2}, {0, 1},
}};
constexpr std::uint8_t flagFcsAtEnd = 0x10;
constexpr std::uint8_t flagBadFcs = 0x40;
constexpr std::size_t mostPresentWords = 16;

std::uint32_t little16(Bytes bytes, std::size_t at) noexcept {
    return static_cast<std::uint32_t>(bytes[at] | bytes[at + 1] << 8);
}

std::uint32_t little32(Bytes bytes, std::size_t at) noexcept {
    return little16(bytes, at) | little16(bytes, at + 2) << 16;
}

void readField(unsigned bit, Bytes header, std::size_t at, Radiotap& result) noexcept {
    if (bit == flags) {
        result.badFcs = (header[at] & flagBadFcs) != 0;
        result.fcsAtEnd = (header[at] & flagFcsAtEnd) != 0;
    } else if (bit == channel) {
        result.frequencyMHz = little16(header, at);
    } else if (bit == antennaSignal) {
        const int signal = static_cast<std::int8_t>(header[at]);
        // One value for the whole frame, then one for each antenna: the strongest counts.
        if (result.rssi == 0 || signal > result.rssi)
            result.rssi = signal;
    }
}

} // namespace

std::optional<Radiotap> parseRadiotap(Bytes packet) noexcept {
    if (packet.size() < 8 || packet[0] != 0)
        return std::nullopt;
    Radiotap result;
    result.length = little16(packet, 2);
    if (result.length < 8 || result.length > packet.size())
        return std::nullopt;
    const Bytes header = packet.first(result.length);

    std::size_t words = 1;
    while ((little32(header, 4 * words) & (1U << more)) != 0) {
        ++words;
        if (words > mostPresentWords || 4 * (words + 1) > header.size())
            return std::nullopt;
    }
    std::size_t at = 4 * (words + 1);
    for (std::size_t word = 0; word < words; ++word) {
        const std::uint32_t present = little32(header, 4 * (word + 1));
        for (unsigned bit = 0; bit < layouts.size(); ++bit) {
            if ((present & (1U << bit)) == 0)
                continue;
            const Layout layout = layouts.at(bit);
            at = (at + layout.alignment - 1U) / layout.alignment * layout.alignment;
            if (layout.size == 0)
                return result;
            if (at + layout.size > header.size())
                return std::nullopt;
            readField(bit, header, at, result);
            at += layout.size;
        }
        // A vendor's own fields have a meaning and a length of their own: what was read so far stands.
        if ((present & (1U << vendorNamespace)) != 0)
            return result;
    }
    return result;
}

} // namespace stinky::scan
