#pragma once

#include "common/gpsd_client.h"
#include "ctl/text_table.h"

#include <nlohmann/json.hpp>

#include <string>

namespace stinky::ctl {

/// What `stinkyctl gps` shows: the receivers, the fix, and a line for each satellite with a bar for its
/// signal, the strongest first. `monotonic` is CLOCK_MONOTONIC now, in seconds.
std::string renderGps(const GpsState& state, double monotonic, bool colour);

/// Asks gpsd at `endpoint` and prints. Once: when the satellites are known, or with what there is after
/// `patience` seconds. With `watch`: every second until a signal comes. The exit code: 0 with a position, 3
/// without one, 4 when gpsd does not answer.
int showGps(const std::string& endpoint, bool watch, double patience, const Screen& screen, bool json);

/// The same as one object; the fields that the receiver does not tell are null.
nlohmann::ordered_json gpsStateJson(const GpsState& state, double monotonic);

} // namespace stinky::ctl
