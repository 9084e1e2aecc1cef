#pragma once

#include "sim/gps_fix.h"

#include <string>
#include <string_view>
#include <vector>

/// NMEA 0183 sentences as receivers send them; gpsd's "NMEA Revealed" (https://gpsd.io/NMEA.html) has the
/// formats.
namespace stinky::sim {

/// The constellations of a talker: which satellites it shows, and under which talker their GSV goes out.
struct TalkerInfo {
    std::string_view talker;
    int firstSatellite; ///< NMEA's number of the first satellite
    int satellites;     ///< how many numbers there are
};

/// Null for a talker that is not one of GP GN GL GA GB BD GQ GI. GN shows GPS and GLONASS together.
/// gpsd 3.22 does not take sentences of GQ and GI for NMEA.
const TalkerInfo* findTalker(std::string_view talker);

/// The exclusive or of all characters.
unsigned nmeaChecksum(std::string_view body);

/// "$" body "*" checksum CR LF. `body` runs from the talker to the last field.
std::string nmeaSentence(std::string_view body);

/// "ddmm.mmmmmmm,N": seven decimals of a minute are 0.2 mm, and hold every position of six decimals of a
/// degree exactly.
std::string nmeaLatitude(double degrees);

/// "dddmm.mmmmmmm,E"
std::string nmeaLongitude(double degrees);

/// RMC, VTG, GGA, GSA, GSV: one burst, in the order in which u-blox receivers send it. `talker` must be
/// known.
std::vector<std::string> nmeaBurst(std::string_view talker, const GpsFix& fix);

} // namespace stinky::sim
