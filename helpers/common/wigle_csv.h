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

/// A sighting whose texts lie in the line that was read, or in its reader: valid until the next one is read.
struct WigleView {
    MacAddress bssid;
    std::string_view ssid;
    std::string_view authMode;
    std::string_view firstSeen;
    std::string_view type;
    int channel = 0;
    std::uint32_t frequencyMHz = 0;
    int rssi = 0;
    double latitude = 0;
    double longitude = 0;
    double altitude = 0;
    double accuracy = 0;

    WigleRow copy() const;
};

/// Why a line gave no row.
enum class WigleReject { tooLong, tooShort, noHeader, badMac, badNumber, badPosition, nulByte, count };
const char* toString(WigleReject reason) noexcept;

/// Reads lines of any version: fields are found by the header's names, short rows are taken as Kismet writes
/// them (12 fields under a 14-column header, type last), quotes as RFC 4180 has them, frequency in kHz or
/// MHz, octal escapes. NUL bytes that a power cut left before a row are passed over.
class WigleReader {
public:
    enum class Line { row, skipped, rejected };

    /// `line` without its '\n'; a '\r' before it is dropped. Allocates nothing for rows without quotes and
    /// escapes.
    Line parse(std::string_view line);

    /// What the last line said, when it was a row.
    const WigleView& row() const noexcept { return row_; }

    /// Why the last line was rejected, when it was.
    WigleReject reject() const noexcept { return reject_; }

    /// A header line, or an empty one: nothing to report.
    struct Skipped {};

    using Result = std::variant<WigleRow, Skipped, WigleReject>;

    /// The same with a result that owns its texts.
    Result read(std::string_view line);

private:
    enum Column { mac, ssid, auth, first, channel, frequency, rssi, lat, lon, alt, accuracy, columnCount };

    static constexpr std::size_t mostFields = 32;
    static constexpr std::size_t longestLine = 4096;

    /// Of a row under a header that has no such column.
    static constexpr std::size_t absent = mostFields;

    Line fail(WigleReject reason) noexcept;
    std::size_t split(std::string_view line);
    std::size_t splitQuoted(std::string_view line);
    bool readHeader(std::string_view line);
    void unescapeTexts();
    bool readNumbers();

    std::string_view field(Column column) const noexcept { return fields_[index_[column]]; }

    std::array<std::size_t, columnCount> index_ = {};
    std::size_t needed_ = 0; ///< fields of the shortest row; 0 until a header was seen
    std::size_t type_ = 0;   ///< index of Type in the header
    std::array<std::string_view, mostFields + 1> fields_; ///< of the last line; the one more stays empty
    std::string unquoted_;                                ///< holds the fields of a line with quotes
    std::array<std::string, 4> unescaped_;                ///< hold the texts of a line with escapes
    bool plain_ = false;                                  ///< the last line has no quote, escape or NUL
    WigleView row_;
    WigleReject reject_ = WigleReject::count;
};

/// The two head lines of a WigleWifi-1.6 file, each with '\n'. `release` is our version.
std::string wigleHeader(std::string_view release);

/// One line with '\n': all 14 columns, frequency in MHz, texts with octal escapes for every byte outside
/// printable ASCII and for ',', '"' and '\\', so that reading it gives the same bytes.
std::string wigleLine(const WigleRow& row);

/// The same in the format of WigleWifi-1.4, which readers by position know: 11 columns, no frequency.
std::string wigleHeader14(std::string_view release);
std::string wigleLine14(const WigleRow& row);

} // namespace stinky
