#pragma once

#include "common/gpsd_client.h"
#include "core/machine.h"

#include <nlohmann/json.hpp>

namespace stinky::view {

/// In the order of the documentation, for people who read it.
using Json = nlohmann::ordered_json;

/// The picture as docs/dbus-api.md describes it, without what is read from files. `live` is what gpsd itself
/// says, or null when it is not followed. `now`: seconds of CLOCK_MONOTONIC.
Json describe(const core::Snapshot& snapshot, const GpsState* live, double now);

/// Its parts, for those who want one only.
Json unitsJson(const core::Snapshot& snapshot, double now);
Json partsJson(const core::Snapshot& snapshot, double now);
Json gpsJson(const core::Snapshot& snapshot, const GpsState* live, double now);
Json radiosJson(const core::Snapshot& snapshot);
/// Of the scanner that runs, or would: null when there is none.
Json scannerJson(const core::Snapshot& snapshot);
Json takJson(const core::Snapshot& snapshot);

/// One line, with bytes that are no UTF-8 replaced.
std::string dumped(const Json& json);

} // namespace stinky::view
