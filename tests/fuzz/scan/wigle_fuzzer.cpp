// A capture of any origin, line by line; what is read, written and read again is the same.
#include "common/wigle_csv.h"

#include <cmath>
#include <cstdlib>
#include <string>

using namespace stinky;

namespace {

void require(bool held) {
    if (!held)
        std::abort();
}

WigleReader ours() {
    WigleReader reader;
    const std::string header = wigleHeader("0");
    const std::size_t first = header.find('\n');
    reader.read(std::string_view(header).substr(0, first));
    reader.read(std::string_view(header).substr(first + 1, header.size() - first - 2));
    return reader;
}

// These come from our own code, not from the line: a field with a comma in it is not ours to write.
bool canBeWritten(const WigleRow& row) {
    for (const std::string& field : {row.authMode, row.firstSeen, row.type})
        if (field.find_first_of(",\"\n\r") != std::string::npos)
            return false;
    return std::abs(row.altitude) < 1e6 && std::abs(row.accuracy) < 1e6;
}

void roundTrip(const WigleRow& row) {
    const std::string line = wigleLine(row);
    require(line.ends_with('\n') && line.find('\n') == line.size() - 1);
    WigleReader reader = ours();
    const auto read = reader.read(std::string_view(line).substr(0, line.size() - 1));
    const auto* again = std::get_if<WigleRow>(&read);
    // A long line of a foreign origin is one whose fields are long.
    if (again == nullptr && line.size() > 4096)
        return;
    require(again != nullptr && again->bssid == row.bssid && again->ssid == row.ssid &&
            again->rssi == row.rssi && again->channel == row.channel && again->authMode == row.authMode &&
            again->type == row.type);
    require(std::abs(again->latitude - row.latitude) < 1e-6 &&
            std::abs(again->longitude - row.longitude) < 1e-6);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    WigleReader reader;
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    while (!rest.empty()) {
        const std::size_t end = rest.find('\n');
        const auto result = reader.read(rest.substr(0, end));
        if (const auto* row = std::get_if<WigleRow>(&result); row != nullptr && canBeWritten(*row))
            roundTrip(*row);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    return 0;
}
