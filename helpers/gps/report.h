#pragma once

#include "gps/probe_core.h"

#include <string>
#include <vector>

namespace stinky::gps {

/// The JSON object of --json, in one line: device, baud (null for a port without a speed), protocol ("nmea",
/// "ubx", "sirf"), talker (null for binary protocols), sentences (valid packets read), elapsed_ms, method.
std::string toJson(const std::string& device, const Finding& finding);

/// For the journal: "found a GPS receiver on /dev/ttyUSB0: NMEA 0183 (GP) at 4800 bit/s, after 0.7 s".
std::string foundMessage(const std::string& device, const Finding& finding);

/// For the journal; `bytes` is how many came.
std::string notFoundMessage(const std::string& device, const std::vector<unsigned>& rates, bool rateless,
                            std::uint64_t bytes, Moment elapsed);

} // namespace stinky::gps
