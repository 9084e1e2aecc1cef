#include "gps/sirf.h"

namespace stinky::gps {
namespace {

constexpr std::uint8_t start1 = 0xa0;
constexpr std::uint8_t start2 = 0xa2;
constexpr std::uint8_t end1 = 0xb0;
constexpr std::uint8_t end2 = 0xb3;
constexpr std::size_t trailerLength = 4;

std::size_t bigEndian(std::span<const std::uint8_t> bytes) noexcept {
    return 256U * bytes[0] + bytes[1];
}

} // namespace

Verdict SirfFormat::examine(std::span<const std::uint8_t> bytes) noexcept {
    using Kind = Verdict::Kind;
    if ((!bytes.empty() && bytes[0] != start1) || (bytes.size() > 1 && bytes[1] != start2))
        return {Kind::invalid};
    if (bytes.size() < headerLength)
        return {Kind::incomplete};
    const std::size_t payload = bigEndian(bytes.subspan(2, 2));
    if (payload == 0 || payload > longestPayload)
        return {Kind::invalid};
    const std::size_t total = headerLength + payload + trailerLength;
    if (bytes.size() < total)
        return {Kind::incomplete};
    std::size_t sum = 0;
    for (const std::uint8_t byte : bytes.subspan(headerLength, payload))
        sum += byte;
    const auto trailer = bytes.subspan(headerLength + payload, trailerLength);
    if (bigEndian(trailer) != (sum & 0x7fff) || trailer[2] != end1 || trailer[3] != end2)
        return {Kind::invalid};
    return {Kind::valid, total};
}

} // namespace stinky::gps
