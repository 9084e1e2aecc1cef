#pragma once

#include "common/gpsd_client.h"
#include "web/access_points.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace stinky::web {

/// What the web itself counts.
struct WebCounts {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;
    std::size_t connections = 0;
    std::size_t liveClients = 0;
};

/// The text format of Prometheus, version 0.0.4. `description`: docs/dbus-api.md, Describe. `monotonic` in
/// seconds.
std::string metrics(const nlohmann::ordered_json& description, const GpsState& gps,
                    const AccessPointList& list, const WebCounts& counts, double monotonic);

} // namespace stinky::web
