#include "common/wigle_csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace stinky {
namespace {

constexpr std::string_view columnNames[] = {
    "MAC",
    "SSID",
    "AuthMode",
    "FirstSeen",
    "Channel",
    "Frequency",
    "RSSI",
    "CurrentLatitude",
    "CurrentLongitude",
    "AltitudeMeters",
    "AccuracyMeters",
};
constexpr std::string_view header16 = "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,"
                                      "CurrentLongitude,AltitudeMeters,AccuracyMeters,RCOIs,MfgrId,Type";
constexpr std::size_t absent = static_cast<std::size_t>(-1);

// RFC 4180: a field that starts with '"' runs to the next lone '"', with "" for one quote. Kismet writes
// none.
bool split(std::string_view line, std::vector<std::string>& fields, std::size_t most) {
    fields.clear();
    for (;;) {
        std::string field;
        if (line.starts_with('"')) {
            line.remove_prefix(1);
            for (;;) {
                const auto quote = line.find('"');
                field += line.substr(0, quote);
                if (quote == std::string_view::npos) {
                    line = {};
                    break;
                }
                line.remove_prefix(quote + 1);
                if (!line.starts_with('"'))
                    break;
                field += '"';
                line.remove_prefix(1);
            }
        }
        const auto comma = line.find(',');
        field += line.substr(0, comma);
        fields.push_back(std::move(field));
        if (comma == std::string_view::npos)
            return true;
        if (fields.size() == most)
            return false;
        line.remove_prefix(comma + 1);
    }
}

bool octal(char c) noexcept {
    return c >= '0' && c <= '7';
}

std::string unescape(std::string_view text) {
    std::string bytes;
    bytes.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '\\' && text.size() - i > 3 && text[i + 1] <= '3' &&
                            octal(text[i + 1]) && octal(text[i + 2]) && octal(text[i + 3]);
        if (!escape) {
            bytes += text[i];
            continue;
        }
        bytes += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
        i += 3;
    }
    return bytes;
}

template <typename Number>
bool parseNumber(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

// An empty field is "unknown" in every numeric column but the position.
template <typename Number>
bool parseOptional(std::string_view text, Number& value) {
    return text.empty() || parseNumber(text, value);
}

bool validPosition(double latitude, double longitude) {
    return std::isfinite(latitude) && std::isfinite(longitude) && std::abs(latitude) <= 90 &&
           std::abs(longitude) <= 180;
}

} // namespace

const char* toString(WigleReject reason) noexcept {
    switch (reason) {
    case WigleReject::tooLong:
        return "line too long";
    case WigleReject::tooShort:
        return "too few fields";
    case WigleReject::noHeader:
        return "no header before it";
    case WigleReject::badMac:
        return "bad MAC address";
    case WigleReject::badNumber:
        return "bad number";
    case WigleReject::badPosition:
        return "bad position";
    case WigleReject::nulByte:
        return "NUL byte";
    case WigleReject::count:
        break;
    }
    return "unknown";
}

bool WigleReader::readHeader(std::string_view line) {
    std::vector<std::string> names;
    if (!split(line, names, mostFields))
        return false;
    std::array<std::size_t, columnCount> index;
    index.fill(absent);
    std::size_t type = absent;
    for (std::size_t i = 0; i < names.size(); ++i) {
        for (std::size_t column = 0; column < columnCount; ++column)
            if (names[i] == columnNames[column])
                index[column] = i;
        if (names[i] == "Type")
            type = i;
    }
    if (index[mac] == absent || index[lat] == absent || index[lon] == absent || type == absent)
        return false;
    index_ = index;
    type_ = type;
    fields_ = names.size();
    return true;
}

WigleReader::Result WigleReader::read(std::string_view line) {
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    if (line.empty())
        return Skipped{};
    if (line.size() > longestLine)
        return WigleReject::tooLong;
    if (line.find('\0') != std::string_view::npos)
        return WigleReject::nulByte;
    if (line.starts_with("WigleWifi-"))
        return Skipped{};
    if (line.starts_with("MAC,") && readHeader(line))
        return Skipped{};
    if (fields_ == 0)
        return WigleReject::noHeader;

    std::vector<std::string> fields;
    if (!split(line, fields, mostFields))
        return WigleReject::tooLong;
    // Kismet leaves out the two columns before Type in its Wi-Fi rows; all others must be there.
    const auto last = *std::max_element(index_.begin(), index_.end(), [](std::size_t a, std::size_t b) {
        return (a == absent ? 0 : a) < (b == absent ? 0 : b);
    });
    if (fields.size() < last + 2)
        return WigleReject::tooShort;
    const auto field = [&](Column column) -> std::string_view {
        return index_[column] == absent ? std::string_view() : std::string_view(fields[index_[column]]);
    };

    WigleRow row;
    const auto bssid = MacAddress::parse(field(mac));
    if (!bssid)
        return WigleReject::badMac;
    row.bssid = *bssid;
    row.ssid = unescape(field(ssid));
    row.authMode = field(auth);
    row.firstSeen = field(first);
    row.type = fields.size() > type_ ? fields[type_] : fields.back();
    double hertzLike = 0;
    if (!parseOptional(field(channel), row.channel) || !parseOptional(field(frequency), hertzLike) ||
        !parseOptional(field(rssi), row.rssi) || !parseOptional(field(alt), row.altitude) ||
        !parseOptional(field(accuracy), row.accuracy) || !std::isfinite(row.altitude) ||
        !std::isfinite(row.accuracy) || !(hertzLike >= 0 && hertzLike < 1e9))
        return WigleReject::badNumber;
    // Kismet's live log writes kHz, its converter and WiGLE's own app MHz.
    row.frequencyMHz = static_cast<std::uint32_t>(hertzLike > 100000 ? hertzLike / 1000 : hertzLike);
    if (!parseNumber(field(lat), row.latitude) || !parseNumber(field(lon), row.longitude) ||
        !validPosition(row.latitude, row.longitude))
        return WigleReject::badPosition;
    return row;
}

std::string wigleHeader(std::string_view release) {
    return fmt::format(
        "WigleWifi-1.6,appRelease=stinky{0},model=stinky,release={0},device=stinky,display=stinky,"
        "board=stinky,brand=stinky,star=Sol,body=3,subBody=0\n{1}\n",
        release, header16);
}

std::string wigleLine(const WigleRow& row) {
    std::string ssid;
    for (const char c : row.ssid) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e || c == ',' || c == '"' || c == '\\')
            ssid += fmt::format("\\{:03o}", byte);
        else
            ssid += c;
    }
    return fmt::format("{},{},{},{},{},{},{},{:.6f},{:.6f},{:.1f},{:.1f},,,{}\n", row.bssid.toString(), ssid,
                       row.authMode, row.firstSeen, row.channel, row.frequencyMHz, row.rssi, row.latitude,
                       row.longitude, row.altitude, row.accuracy, row.type);
}

} // namespace stinky
