#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// What a TAK client makes of one datagram: Cursor-on-Target 2.0 as XML (MITRE, Event-PUBLIC.xsd), held to
/// stricter rules than most clients apply, so that what passes here is understood by all.
namespace stinky::sim {

struct CotEvent {
    std::string uid;
    std::string type;
    std::string how;
    std::string time; ///< as sent, ISO 8601 in UTC
    std::string start;
    std::string stale;
    std::string latitudeText; ///< as sent
    std::string longitudeText;
    double latitude = 0;  ///< degrees, -90..90
    double longitude = 0; ///< degrees, -180..180
    double hae = 0;       ///< metres above the ellipsoid; 9999999 stands for unknown, also in ce and le
    double ce = 0;        ///< metres, circular error
    double le = 0;        ///< metres, linear error
    std::string callsign; ///< of detail/contact, empty where there is none
    std::string remarks;  ///< of detail/remarks
    std::vector<std::string> warnings;
};

/// Why a datagram is not an event: one line of ASCII.
struct CotDefect {
    std::string reason;
};

using CotResult = std::variant<CotEvent, CotDefect>;

CotResult checkCot(std::string_view datagram);

} // namespace stinky::sim
