// A frame as a monitor interface gives it: radiotap, 802.11, elements. What comes out is within its bounds,
// and a row made of it reads back as the same.
#include "common/wigle_csv.h"
#include "scan/ap_table.h"
#include "scan/beacon.h"

#include <cstdlib>

using namespace stinky;
using namespace stinky::scan;

namespace {

void require(bool held) {
    if (!held)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto result = parseBeacon(Bytes(data, size));
    if (const auto* reject = std::get_if<FrameReject>(&result)) {
        require(*reject < FrameReject::count);
        return 0;
    }
    const auto& sighting = std::get<Sighting>(result);
    require(sighting.ssid.size() <= 32);
    require(sighting.channel >= 0 && sighting.channel <= 255);
    require(sighting.rssi >= -128 && sighting.rssi <= 127);
    require(!sighting.bssid.multicast());

    GpsFix here;
    here.mode = 3;
    here.latitude = 48.1173;
    here.longitude = 11.516667;
    ApTable table(1, 0);
    const auto row = table.add(sighting, here, 0, 1795521600);
    require(row.has_value());
    WigleReader reader;
    const std::string text = wigleHeader("0") + wigleLine(*row);
    const std::size_t first = text.find('\n');
    const std::size_t second = text.find('\n', first + 1);
    reader.read(std::string_view(text).substr(0, first));
    reader.read(std::string_view(text).substr(first + 1, second - first - 1));
    const auto read = reader.read(std::string_view(text).substr(second + 1, text.size() - second - 2));
    const auto* again = std::get_if<WigleRow>(&read);
    require(again != nullptr && again->ssid == sighting.ssid && again->authMode == sighting.authMode &&
            again->bssid == sighting.bssid && again->rssi == sighting.rssi &&
            again->channel == sighting.channel);
    return 0;
}
