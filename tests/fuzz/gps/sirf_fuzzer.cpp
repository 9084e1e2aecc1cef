#include "gps/sirf.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

using stinky::gps::SirfFormat;
using stinky::gps::SirfReader;
using stinky::gps::Verdict;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    SirfReader reader;
    std::size_t packets = 0;
    for (std::size_t i = 0; i < size; ++i)
        packets += reader.push(data[i]);
    if (packets * 9 > size) // bytes of the shortest packet
        std::abort();
    const Verdict verdict = SirfFormat::examine(std::span(data, size));
    if (verdict.kind == Verdict::Kind::valid && (verdict.length > size || packets == 0))
        std::abort();
    return 0;
}
