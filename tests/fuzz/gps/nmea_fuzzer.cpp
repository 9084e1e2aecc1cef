#include "gps/nmea.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using stinky::gps::isGnssTalker;
using stinky::gps::NmeaReader;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    NmeaReader reader;
    std::size_t sentences = 0;
    for (std::size_t i = 0; i < size; ++i) {
        const auto talker = reader.push(data[i]);
        if (talker && !isGnssTalker(*talker))
            std::abort();
        sentences += talker ? 1 : 0;
    }
    // The shortest sentence is "$GPGGA,*hh".
    if (sentences * 10 > size)
        std::abort();
    return 0;
}
