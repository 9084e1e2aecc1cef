#include "tak/cot.h"

#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ctime>

namespace stinky::tak {
namespace {

// In code points. Both at their longest and all of characters that take six bytes in XML still fit
// largestEvent.
constexpr std::size_t longestCallsign = 48;
constexpr std::size_t longestAuth = 40;
constexpr std::size_t longestHealth = 100;
// "Unknown" in CoT, for heights and errors.
constexpr std::string_view unknown = "9999999.0";
constexpr std::chrono::minutes testLasts{1};

std::int64_t milliseconds(WallTime time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

/// Signed 32-bit ARGB, as ATAK reads it: green, yellow, red by the strongest signal.
int signalColour(int strength) noexcept {
    if (strength == 0)
        return -1; // white
    if (strength <= 60)
        return -16711936;
    return strength <= 75 ? -256 : -65536;
}

/// Printable ASCII without anything that XML or a screen would take for more.
bool plain(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c >= ' ' && c <= '~' && c != '&' && c != '<' && c != '>' && c != '"' && c != '\'';
    });
}

std::string metres(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? fmt::format("{:.1f}", *value) : std::string(unknown);
}

} // namespace

std::string cotTime(WallTime time) {
    const std::int64_t value = milliseconds(time);
    const std::time_t seconds = static_cast<std::time_t>(value / 1000);
    std::tm parts = {};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, value % 1000);
}

std::string uidName(std::string_view name) {
    std::string uid(name.substr(0, 63));
    std::replace_if(
        uid.begin(), uid.end(),
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_');
        },
        '-');
    return uid.empty() ? "node" : uid;
}

/// Appends to a buffer of fixed size. All that is written has a bound, and the bounds add up to less than
/// the buffer; what would not fit is left out rather than written beyond.
class CotWriter::Text {
public:
    explicit Text(std::span<char> out) noexcept
        : begin_(out.data()), at_(begin_), end_(begin_ + out.size()) {}

    std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

    Text& operator<<(std::string_view text) noexcept {
        // copy_n, not memcpy: an empty text may have no address.
        if (text.size() <= static_cast<std::size_t>(end_ - at_))
            at_ = std::copy_n(text.data(), text.size(), at_);
        return *this;
    }

    Text& operator<<(std::int64_t number) noexcept {
        const auto [end, error] = std::to_chars(at_, end_, number);
        if (error == std::errc())
            at_ = end;
        return *this;
    }

    /// With `places` digits after the point, rounded to nearest.
    Text& decimal(double number, int places) noexcept {
        static constexpr std::int64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
        const std::int64_t scaled = std::llround(number * static_cast<double>(powers[places]));
        if (scaled < 0)
            *this << "-";
        *this << std::abs(scaled) / powers[places] << ".";
        return digits(std::abs(scaled) % powers[places], places);
    }

    /// With leading zeros.
    Text& digits(std::int64_t number, int count) noexcept {
        if (end_ - at_ < count)
            return *this;
        for (int i = count - 1; i >= 0; --i) {
            at_[i] = static_cast<char>('0' + number % 10);
            number /= 10;
        }
        at_ += count;
        return *this;
    }

    /// Twelve digits, with `separator` between the octets where there is one.
    Text& address(const MacAddress& mac, std::string_view separator) noexcept {
        static constexpr char hex[] = "0123456789abcdef";
        for (std::size_t i = 0; i < mac.octets.size(); ++i) {
            const char pair[] = {hex[mac.octets[i] >> 4], hex[mac.octets[i] & 15]};
            *this << (i > 0 ? separator : std::string_view()) << std::string_view(pair, 2);
        }
        return *this;
    }

    /// Bytes from the air, cleaned, cut and escaped; false when nothing is left of them.
    bool foreign(std::string_view bytes, std::size_t limit) {
        if (plain(bytes) && !bytes.starts_with(' ') && !bytes.ends_with(' ')) {
            *this << bytes.substr(0, limit);
            return !bytes.empty();
        }
        const std::string text = displayText(bytes, limit);
        *this << xmlEscape(text);
        return !text.empty();
    }

private:
    char* begin_;
    char* at_;
    char* end_;
};

CotWriter::CotWriter(std::string node) : node_(std::move(node)) {}

void CotWriter::writeTime(Text& text, WallTime time, Second& last) {
    const std::int64_t value = milliseconds(time);
    if (value / 1000 != last.value) {
        last.value = value / 1000;
        const std::string whole = cotTime(time);
        std::copy_n(whole.begin(), last.text.size(), last.text.begin());
    }
    text << std::string_view(last.text.data(), last.text.size());
    text.digits(value % 1000, 3) << "Z";
}

std::size_t CotWriter::write(std::span<char> out, const Track& track, WallTime now, double age) {
    const auto left = std::chrono::milliseconds(std::llround((staleSeconds - age) * 1000));
    const int colour = track.highlight != 0 ? track.highlight : signalColour(track.best);
    const bool several = track.estimate.places() > 1;
    Text text(out);
    text << R"(<event version="2.0" uid="stinky.)" << node_ << ".wifi.";
    // m-g: where a GPS receiver was; m-r: found by radio.
    text.address(track.bssid, "") << R"(" type="b-m-p-s-m" how=")" << (several ? "m-r" : "m-g")
                                  << R"(" time=")";
    writeTime(text, now, now_);
    text << R"(" start=")";
    writeTime(text, now, now_);
    text << R"(" stale=")";
    writeTime(text, now + left, stale_);
    text << R"("><point lat=")";
    text.decimal(track.estimate.latitude(), 6) << R"(" lon=")";
    text.decimal(track.estimate.longitude(), 6) << R"(" hae=")" << unknown << R"(" ce=")";
    text.decimal(track.estimate.error(), 1) << R"(" le=")" << unknown << R"("/><detail><contact callsign=")";
    if (!text.foreign(track.ssid.view(), longestCallsign))
        text.address(track.bssid, ":");
    text << R"("/><remarks>)";
    text.address(track.bssid, ":");
    if (track.channel != 0)
        text << " ch " << std::int64_t(track.channel);
    if (track.rssi != 0)
        text << " " << -std::int64_t(track.rssi) << " dBm";
    if (!track.authMode.empty()) {
        text << " ";
        text.foreign(track.authMode, longestAuth);
    }
    if (several)
        text << ", from " << std::int64_t(track.estimate.places()) << " places, "
             << std::int64_t(track.sightings) << " sightings";
    else
        text << ", heard at this position";
    text << R"(</remarks><color argb=")" << std::int64_t(colour)
         << R"("/><usericon iconsetpath="COT_MAPPING_SPOTMAP/b-m-p-s-m/)" << std::int64_t(colour)
         << R"("/><precisionlocation altsrc="???" geopointsrc=")" << (several ? "CALC" : "GPS")
         << R"("/><__stinky bssid=")";
    text.address(track.bssid, ":") << R"(" rssi=")" << -std::int64_t(track.rssi) << R"(" best=")"
                                   << -std::int64_t(track.best) << R"(" channel=")"
                                   << std::int64_t(track.channel) << R"(" frequency=")"
                                   << std::int64_t(track.frequencyMHz) << R"(" places=")"
                                   << std::int64_t(track.estimate.places()) << R"(" sightings=")"
                                   << std::int64_t(track.sightings) << R"("/></detail></event>)";
    return text.size();
}

std::string ownPositionEvent(const std::string& node, const OwnPosition& position, const Health& health,
                             WallTime now, std::chrono::seconds staleAfter) {
    std::string motion;
    if (position.speed && position.course && std::isfinite(*position.speed) &&
        std::isfinite(*position.course))
        motion =
            fmt::format(R"(<track speed="{:.2f}" course="{:.1f}"/>)", *position.speed, *position.course);
    const std::string time = cotTime(now);
    return fmt::format(
        R"(<event version="2.0" uid="stinky.{node}" type="a-f-G-E-S" how="m-g" )"
        R"(time="{time}" start="{time}" stale="{stale}">)"
        R"(<point lat="{lat:.6f}" lon="{lon:.6f}" hae="{hae}" ce="{ce}" le="{le}"/>)"
        R"(<detail><contact callsign="{node}"/><takv device="stinky" platform="stinky" os="Linux" )"
        R"(version="{version}"/>{motion}<precisionlocation altsrc="GPS" geopointsrc="GPS"/>)"
        R"(<remarks>{text}</remarks><__stinky state="{state}"/></detail></event>)",
        fmt::arg("node", node), fmt::arg("time", time), fmt::arg("stale", cotTime(now + staleAfter)),
        fmt::arg("lat", position.latitude), fmt::arg("lon", position.longitude),
        fmt::arg("hae", metres(position.hae)), fmt::arg("ce", metres(position.ce)),
        fmt::arg("le", metres(position.le)), fmt::arg("version", STINKY_VERSION), fmt::arg("motion", motion),
        fmt::arg("text", xmlEscape(displayText(health.text, longestHealth))),
        fmt::arg("state", xmlEscape(displayText(health.state, 16))));
}

std::string testEvent(const std::string& node, const std::optional<OwnPosition>& position, WallTime now) {
    const std::string time = cotTime(now);
    const OwnPosition where = position.value_or(OwnPosition{});
    return fmt::format(
        R"(<event version="2.0" uid="stinky.{node}.test" type="b-m-p-s-m" how="m-g" )"
        R"(time="{time}" start="{time}" stale="{stale}">)"
        R"(<point lat="{lat:.6f}" lon="{lon:.6f}" hae="{unknown}" ce="{ce}" le="{unknown}"/>)"
        R"(<detail><contact callsign="{node} test"/><remarks>Sent by stinkyctl tak test{lacks}</remarks>)"
        R"(<color argb="-16711681"/><__stinky test="yes"/></detail></event>)",
        fmt::arg("node", node), fmt::arg("time", time), fmt::arg("stale", cotTime(now + testLasts)),
        fmt::arg("lat", where.latitude), fmt::arg("lon", where.longitude), fmt::arg("unknown", unknown),
        fmt::arg("ce", metres(where.ce)),
        fmt::arg("lacks", position ? "" : "; the sensor does not know its position"));
}

} // namespace stinky::tak
