#include "sim/cot_check.h"
#include "tak/cot.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

using namespace stinky;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    WigleView row;
    row.bssid.octets = {2, 0x11, 0x22, 0x33, 0x44, 0x55};
    row.ssid = text.substr(0, size / 2);
    row.authMode = text.substr(size / 2);
    row.channel = size > 0 ? data[0] * 300 : 0;
    row.rssi = size > 1 ? -data[1] : 0;
    row.latitude = size > 2 ? data[2] / 255.0 * 180 - 90 : 0;
    row.longitude = size > 3 ? data[3] / 255.0 * 360 - 180 : 0;
    tak::TrackRules rules;
    rules.capacity = 1;
    rules.clients = true;
    tak::Tracks tracks(rules, 1);
    const auto slot = tracks.see(row, 0);
    static tak::CotWriter writer("fuzz");
    std::string out(tak::largestEvent, '\0');
    out.resize(writer.write(out, tracks.at(*slot), tak::WallTime(std::chrono::seconds(1782564309)), 0));
    const sim::CotResult result = sim::checkCot(out);
    const auto* event = std::get_if<sim::CotEvent>(&result);
    if (event == nullptr || event->uid != "stinky.fuzz.wifi.021122334455" || !event->warnings.empty())
        std::abort();
    return 0;
}
