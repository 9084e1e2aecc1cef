#include "gps/ubx.h"

namespace stinky::gps {
namespace {

constexpr std::uint8_t sync1 = 0xb5;
constexpr std::uint8_t sync2 = 0x62;
constexpr std::size_t checksumLength = 2;

} // namespace

Verdict UbxFormat::examine(std::span<const std::uint8_t> bytes) noexcept {
    using Kind = Verdict::Kind;
    if ((!bytes.empty() && bytes[0] != sync1) || (bytes.size() > 1 && bytes[1] != sync2))
        return {Kind::invalid};
    if (bytes.size() < headerLength)
        return {Kind::incomplete};
    const std::size_t payload = bytes[4] + 256U * bytes[5];
    const std::size_t total = headerLength + payload + checksumLength;
    if (total > longest)
        return {Kind::invalid};
    if (bytes.size() < total)
        return {Kind::incomplete};
    std::uint8_t a = 0;
    std::uint8_t b = 0;
    for (const std::uint8_t byte : bytes.subspan(2, headerLength - 2 + payload)) {
        a = static_cast<std::uint8_t>(a + byte);
        b = static_cast<std::uint8_t>(b + a);
    }
    if (bytes[total - 2] != a || bytes[total - 1] != b)
        return {Kind::invalid};
    return {Kind::valid, total};
}

} // namespace stinky::gps
