#pragma once

#include "common/gpsd_client.h"
#include "core/state.h"
#include "web/access_points.h"

#include <nlohmann/json.hpp>

#include <string>

/// The answers of the old web service, in its names, fields and types, from what the new one knows.
namespace stinky::web {

/// How the parts stand that the old clients ask for.
struct PartsSeen {
    bool scannerActive = false;
    bool scannerWell = false; ///< its data flows
    bool kismet = false;      ///< the scanner is Kismet
    bool takActive = false;
    bool gpsWell = false;
};

/// Read from a description of the controller.
PartsSeen partsSeen(const nlohmann::ordered_json& description);

nlohmann::ordered_json scriptStatus(core::State state, const std::string& reason, const PartsSeen& parts,
                                    double wall);
nlohmann::ordered_json info(const GpsState& gps, double monotonic, const PartsSeen& parts,
                            const std::string& client);
nlohmann::ordered_json kismetData(const AccessPointList& list, core::State state, const std::string& reason,
                                  double wall);

/// "2026-11-24T18:51:43Z" of seconds since 1970.
std::string isoTime(double wall);

} // namespace stinky::web
