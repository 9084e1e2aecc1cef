#pragma once

#include "common/mac_address.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace stinky {

/// One sighting of an access point, as a WigleWifi file holds it. Format:
/// https://api.wigle.net/csvFormat.html (1.4, 1.6) and what Kismet's kis_wiglecsvlogfile.cc writes.
struct WigleRow {
    MacAddress bssid;
    std::string ssid;               ///< bytes as on the air, 0..64 octets (Kismet); empty when hidden
    std::string authMode;           ///< "[WPA2-PSK-CCMP][ESS]"
    std::string firstSeen;          ///< UTC, "YYYY-MM-DD hh:mm:ss"
    int channel = 0;                ///< 0 when unknown
    std::uint32_t frequencyMHz = 0; ///< 0 when unknown
    int rssi = 0;                   ///< dBm; 0 when unknown
    double latitude = 0;            ///< degrees, -90..90
    double longitude = 0;           ///< degrees, -180..180
    double altitude = 0;            ///< m
    double accuracy = 0;            ///< m, radius; 0 when unknown
    std::string type;               ///< "WIFI", "BT", "BLE", ...

    bool operator==(const WigleRow&) const = default;
};

/// Why a line gave no row.
enum class WigleReject { tooLong, tooShort, noHeader, badMac, badNumber, badPosition, nulByte, count };
const char* toString(WigleReject reason) noexcept;

/// Reads lines of any version: fields are found by the header's names, short rows are taken as Kismet writes
/// them (12 fields under a 14-column header, type last), quotes as RFC 4180 has them, frequency in kHz or
/// MHz, octal escapes.
class WigleReader {
public:
    /// A header line, or an empty one: nothing to report.
    struct Skipped {};

    using Result = std::variant<WigleRow, Skipped, WigleReject>;

    /// `line` without its '\n'; a '\r' before it is dropped.
    Result read(std::string_view line);

private:
    enum Column { mac, ssid, auth, first, channel, frequency, rssi, lat, lon, alt, accuracy, columnCount };

    static constexpr std::size_t mostFields = 32;
    static constexpr std::size_t longestLine = 4096;

    bool readHeader(std::string_view line);

    std::array<std::size_t, columnCount> index_ = {};
    std::size_t fields_ = 0; ///< of the header; 0 until one was seen
    std::size_t type_ = 0;   ///< index of Type in the header
};

/// The two head lines of a WigleWifi-1.6 file, each with '\n'. `release` is our version.
std::string wigleHeader(std::string_view release);

/// One line with '\n': all 14 columns, frequency in MHz, SSID with octal escapes for every byte outside
/// printable ASCII and for ',', '"' and '\\', so that reading it gives the same bytes.
std::string wigleLine(const WigleRow& row);

} // namespace stinky
