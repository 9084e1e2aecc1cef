#include "common/wigle_csv.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using stinky::WigleReader;
using stinky::WigleRow;

namespace {

/// A row that was read, written and read again is the same, but for the digits that a file has room for.
void checkRoundTrip(WigleRow row) {
    row.latitude = std::round(row.latitude * 1e6) / 1e6;
    row.longitude = std::round(row.longitude * 1e6) / 1e6;
    row.altitude = 0;
    row.accuracy = 0;
    if (row.channel < 0 ||
        row.ssid.size() + row.authMode.size() + row.firstSeen.size() + row.type.size() > 900)
        return;
    WigleReader reader;
    std::string head = stinky::wigleHeader("x");
    head.pop_back();
    reader.read(std::string_view(head).substr(head.find('\n') + 1));
    std::string line = stinky::wigleLine(row);
    line.pop_back();
    if (line.find('\n') != std::string::npos)
        std::abort();
    const auto again = reader.read(line);
    const auto* same = std::get_if<WigleRow>(&again);
    if (same == nullptr || !(*same == row))
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    WigleReader reader;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        // A buffer of its own, so that a step beyond the line is seen.
        const std::string line(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (reader.parse(line) != WigleReader::Line::row)
            continue;
        const WigleRow row = reader.row().copy();
        if (!(std::abs(row.latitude) <= 90) || !(std::abs(row.longitude) <= 180) ||
            !std::isfinite(row.altitude))
            std::abort();
        checkRoundTrip(row);
    }
    return 0;
}
