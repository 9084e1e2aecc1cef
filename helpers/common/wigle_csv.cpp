#include "common/wigle_csv.h"

#include "common/character_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
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
constexpr std::string_view header14 = "MAC,SSID,AuthMode,FirstSeen,Channel,RSSI,CurrentLatitude,"
                                      "CurrentLongitude,AltitudeMeters,AccuracyMeters,Type";

bool octal(char c) noexcept {
    return c >= '0' && c <= '7';
}

// A '\\' before an octal escape of '"' is Kismet's own: it escapes the quote for JSON before it writes the
// row.
void unescape(std::string_view text, std::string& bytes) {
    bytes.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 5) == "\\\\042")
            ++i;
        const bool escape = text[i] == '\\' && text.size() - i > 3 && text[i + 1] <= '3' &&
                            octal(text[i + 1]) && octal(text[i + 2]) && octal(text[i + 3]);
        if (!escape) {
            bytes += text[i];
            continue;
        }
        bytes += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
        i += 3;
    }
}

template <typename Number>
bool parseAny(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size();
}

/// Digits with at most one point among them, as a whole number and the number of places after the point:
/// what the numbers of a capture look like. False for all else.
bool plainDecimal(std::string_view text, std::int64_t& digits, std::size_t& places) {
    const char* at = text.data();
    const char* const end = at + text.size();
    const bool negative = at != end && *at == '-';
    at += negative ? 1 : 0;
    if (end - at > 17)
        return false;
    std::int64_t value = 0;
    const auto takeDigits = [&] {
        for (; at != end; ++at) {
            const unsigned digit = static_cast<unsigned char>(*at) - static_cast<unsigned>('0');
            if (digit > 9)
                return;
            value = value * 10 + digit;
        }
    };
    const char* const first = at;
    takeDigits();
    if (at == first)
        return false;
    places = 0;
    if (at != end && *at == '.') {
        const char* const point = at++;
        takeDigits();
        places = static_cast<std::size_t>(at - point) - 1;
    }
    digits = negative ? -value : value;
    return at == end;
}

bool parseNumber(std::string_view text, double& value) {
    // Whole number and power of ten are exact, so their quotient is the nearest double: what from_chars
    // gives.
    static constexpr double powers[] = {1,   1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                        1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    std::int64_t digits = 0;
    std::size_t places = 0;
    if (!plainDecimal(text, digits, places) || digits > (1LL << 53) || digits < -(1LL << 53))
        return parseAny(text, value);
    value = static_cast<double>(digits) / powers[places];
    if (digits == 0 && text[0] == '-')
        value = -0.0;
    return true;
}

bool parseNumber(std::string_view text, int& value) {
    std::int64_t digits = 0;
    std::size_t places = 0;
    if (text.size() > 9 || !plainDecimal(text, digits, places) || places > 0 || text.ends_with('.'))
        return parseAny(text, value);
    value = static_cast<int>(digits);
    return true;
}

// An empty field is "unknown" in every numeric column but the position.
template <typename Number>
bool parseOptional(std::string_view text, Number& value) {
    value = 0;
    return text.empty() || parseNumber(text, value);
}

std::string escapeField(std::string_view bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte > 0x7e || c == ',' || c == '"' || c == '\\')
            text += fmt::format("\\{:03o}", byte);
        else
            text += c;
    }
    return text;
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

WigleRow WigleView::copy() const {
    WigleRow row;
    row.bssid = bssid;
    row.ssid = ssid;
    row.authMode = authMode;
    row.firstSeen = firstSeen;
    row.channel = channel;
    row.frequencyMHz = frequencyMHz;
    row.rssi = rssi;
    row.latitude = latitude;
    row.longitude = longitude;
    row.altitude = altitude;
    row.accuracy = accuracy;
    row.type = type;
    return row;
}

/// The number of fields; more than mostFields when there are too many. This is where the time of a reader
/// goes: the commas of 64 characters are found before one of them is looked at.
std::size_t WigleReader::split(std::string_view line) {
    // A whole word of a line that has less.
    char padded[CharacterWord::size];
    std::fill_n(padded, CharacterWord::size, ' ');
    const bool tiny = line.size() < CharacterWord::size;
    if (tiny)
        std::copy(line.begin(), line.end(), padded);
    const char* const text = tiny ? padded : line.data();
    const std::size_t whole =
        tiny ? CharacterWord::size : line.size() / CharacterWord::size * CharacterWord::size;
    std::size_t count = 0;
    std::size_t begin = 0;
    std::uint64_t special = 0;
    std::uint64_t commas = 0;
    const auto look = [&](const CharacterWord& word, std::size_t at, std::size_t seen) {
        commas |= word.where(',') >> seen << at % 64;
        special |= word.special();
    };
    const auto take = [&](std::size_t start) {
        for (; commas != 0; commas &= commas - 1) {
            if (count + 1 >= mostFields)
                return false;
            const std::size_t comma = start + static_cast<std::size_t>(std::countr_zero(commas));
            fields_[count++] = {line.data() + begin, comma - begin};
            begin = comma + 1;
        }
        return true;
    };
    std::size_t at = 0;
    for (; at + 64 <= whole; at += 64) {
        for (std::size_t i = 0; i < 64; i += CharacterWord::size)
            look(CharacterWord(text + at + i), i, 0);
        if (!take(at))
            return mostFields + 1;
    }
    const std::size_t start = at;
    for (; at < whole; at += CharacterWord::size)
        look(CharacterWord(text + at), at, 0);
    // The rest, with some of what was looked at before it.
    if (at < line.size())
        look(CharacterWord(text + line.size() - CharacterWord::size), at,
             CharacterWord::size - (line.size() - at));
    if (!take(start))
        return mostFields + 1;
    fields_[count++] = line.substr(begin);
    plain_ = special == 0;
    return count;
}

/// RFC 4180: a field that starts with '"' runs to the next lone '"', with "" for one quote. Kismet writes
/// none.
std::size_t WigleReader::splitQuoted(std::string_view line) {
    // What is unquoted is never longer, so that no field moves while the next one is added.
    unquoted_.clear();
    unquoted_.reserve(line.size());
    std::size_t count = 0;
    for (;;) {
        const std::size_t begin = unquoted_.size();
        if (line.starts_with('"')) {
            line.remove_prefix(1);
            for (;;) {
                const auto quote = std::min(line.find('"'), line.size());
                unquoted_ += line.substr(0, quote);
                line.remove_prefix(std::min(quote + 1, line.size()));
                if (!line.starts_with('"'))
                    break;
                unquoted_ += '"';
                line.remove_prefix(1);
            }
        }
        const auto comma = line.find(',');
        unquoted_ += line.substr(0, comma);
        fields_[count++] = std::string_view(unquoted_).substr(begin);
        if (comma == std::string_view::npos)
            return count;
        if (count == mostFields)
            return mostFields + 1;
        line.remove_prefix(comma + 1);
    }
}

bool WigleReader::readHeader(std::string_view line) {
    const std::size_t count = split(line);
    if (count > mostFields)
        return false;
    std::array<std::size_t, columnCount> index;
    index.fill(absent);
    std::size_t type = absent;
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t column = 0; column < columnCount; ++column)
            if (fields_[i] == columnNames[column])
                index[column] = i;
        if (fields_[i] == "Type")
            type = i;
    }
    if (index[mac] == absent || index[lat] == absent || index[lon] == absent || type == absent)
        return false;
    index_ = index;
    type_ = type;
    // Kismet leaves out the two columns before Type in its Wi-Fi rows; all others must be there.
    std::size_t last = 0;
    for (const std::size_t i : index_)
        if (i != absent)
            last = std::max(last, i);
    needed_ = last + 2;
    return true;
}

WigleReader::Line WigleReader::fail(WigleReject reason) noexcept {
    reject_ = reason;
    return Line::rejected;
}

void WigleReader::unescapeTexts() {
    std::string_view* texts[] = {&row_.ssid, &row_.authMode, &row_.firstSeen, &row_.type};
    for (std::size_t i = 0; i < unescaped_.size(); ++i) {
        unescape(*texts[i], unescaped_[i]);
        *texts[i] = unescaped_[i];
    }
}

bool WigleReader::readNumbers() {
    double hertzLike = 0;
    if (!parseOptional(field(channel), row_.channel) || !parseOptional(field(frequency), hertzLike) ||
        !parseOptional(field(rssi), row_.rssi) || !parseOptional(field(alt), row_.altitude) ||
        !parseOptional(field(accuracy), row_.accuracy) || !std::isfinite(row_.altitude) ||
        !std::isfinite(row_.accuracy) || !(hertzLike >= 0 && hertzLike <= 1e8))
        return false;
    // Kismet's live log writes kHz, its converter and WiGLE's own app MHz.
    row_.frequencyMHz = static_cast<std::uint32_t>(hertzLike > 100000 ? hertzLike / 1000 : hertzLike);
    return true;
}

WigleReader::Line WigleReader::parse(std::string_view line) {
    if (line.ends_with('\r'))
        line.remove_suffix(1);
    while (line.starts_with('\0'))
        line.remove_prefix(1);
    if (line.empty())
        return Line::skipped;
    if (line.size() > longestLine)
        return fail(WigleReject::tooLong);
    if (line.starts_with("WigleWifi-") || (line.starts_with("MAC,") && readHeader(line)))
        return Line::skipped;

    std::size_t count = split(line);
    const bool plain = count <= mostFields && plain_;
    if (!plain && line.find('\0') != std::string_view::npos)
        return fail(WigleReject::nulByte);
    if (!plain && (count > mostFields || line.find('"') != std::string_view::npos))
        count = splitQuoted(line);
    if (needed_ == 0)
        return fail(WigleReject::noHeader);
    if (count > mostFields)
        return fail(WigleReject::tooLong);
    if (count < needed_)
        return fail(WigleReject::tooShort);

    const auto bssid = MacAddress::parse(field(mac));
    if (!bssid)
        return fail(WigleReject::badMac);
    row_.bssid = *bssid;
    row_.ssid = field(ssid);
    row_.authMode = field(auth);
    row_.firstSeen = field(first);
    row_.type = count > type_ ? fields_[type_] : fields_[count - 1];
    if (!plain && line.find('\\') != std::string_view::npos)
        unescapeTexts();
    if (!readNumbers())
        return fail(WigleReject::badNumber);
    if (!parseNumber(field(lat), row_.latitude) || !parseNumber(field(lon), row_.longitude) ||
        !validPosition(row_.latitude, row_.longitude))
        return fail(WigleReject::badPosition);
    return Line::row;
}

WigleReader::Result WigleReader::read(std::string_view line) {
    switch (parse(line)) {
    case Line::row:
        return row_.copy();
    case Line::rejected:
        return reject_;
    case Line::skipped:
        break;
    }
    return Skipped{};
}

std::string wigleHeader(std::string_view release) {
    return fmt::format(
        "WigleWifi-1.6,appRelease=stinky{0},model=stinky,release={0},device=stinky,display=stinky,"
        "board=stinky,brand=stinky,star=Sol,body=3,subBody=0\n{1}\n",
        release, header16);
}

std::string wigleHeader14(std::string_view release) {
    return fmt::format(
        "WigleWifi-1.4,appRelease=stinky{0},model=stinky,release={0},device=stinky,display=stinky,"
        "board=stinky,brand=stinky\n{1}\n",
        release, header14);
}

std::string wigleLine(const WigleRow& row) {
    return fmt::format("{},{},{},{},{},{},{},{:.6f},{:.6f},{:.1f},{:.1f},,,{}\n", row.bssid.toString(),
                       escapeField(row.ssid), escapeField(row.authMode), escapeField(row.firstSeen),
                       row.channel, row.frequencyMHz, row.rssi, row.latitude, row.longitude, row.altitude,
                       row.accuracy, escapeField(row.type));
}

std::string wigleLine14(const WigleRow& row) {
    return fmt::format("{},{},{},{},{},{},{:.6f},{:.6f},{:.1f},{:.1f},{}\n", row.bssid.toString(),
                       escapeField(row.ssid), escapeField(row.authMode), escapeField(row.firstSeen),
                       row.channel, row.rssi, row.latitude, row.longitude, row.altitude, row.accuracy,
                       escapeField(row.type));
}

} // namespace stinky
