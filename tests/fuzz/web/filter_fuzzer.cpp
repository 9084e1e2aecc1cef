// The filter of the access points, as it comes in a query.
#include "web/access_points.h"
#include "web/request_parts.h"

#include <cstdint>
#include <cstdlib>

using namespace stinky;

namespace {

web::AccessPointList filled() {
    web::AccessPointList list(20);
    for (std::uint8_t i = 0; i < 20; ++i) {
        WigleRow row;
        row.bssid.octets = {2, 0, 0, 0, 0, i};
        row.ssid = std::string(i % 5, 'a');
        row.rssi = -i;
        row.type = "WIFI";
        list.take(row, i);
    }
    return list;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const web::AccessPointList list = filled();
    const auto target = web::parseTarget("/?" + std::string(reinterpret_cast<const char*>(data), size));
    if (!target)
        return 0;
    std::string why;
    const auto query = web::parseAccessPointQuery(target->query, why);
    if (!query) {
        if (why.empty())
            std::abort();
        return 0;
    }
    const web::AccessPointPage page = web::select(list, *query, 20);
    if (page.items.size() > query->limit || page.items.size() > page.matched || page.matched > list.size())
        std::abort();
    return 0;
}
