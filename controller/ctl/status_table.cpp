#include "ctl/status_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace stinky::ctl {
namespace {

using nlohmann::json;

constexpr double minute = 60;
constexpr double hour = 60 * minute;
constexpr double day = 24 * hour;

/// Columns that a UTF-8 text takes, counting one for each code point.
std::size_t columns(const std::string& text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string cut(const std::string& text, std::size_t width) {
    if (columns(text) <= width)
        return text;
    std::size_t taken = 0;
    std::size_t end = 0;
    while (end < text.size()) {
        const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
        if (begins && ++taken > (width > 0 ? width - 1 : 0))
            break;
        ++end;
    }
    return width == 0 ? "" : text.substr(0, end) + "…";
}

std::string padded(const std::string& text, std::size_t width) {
    const std::size_t used = columns(text);
    return used >= width ? text : text + std::string(width - used, ' ');
}

std::string wallClock(std::time_t when, std::time_t now) {
    std::tm then = {};
    std::tm today = {};
    localtime_r(&when, &then);
    localtime_r(&now, &today);
    std::array<char, 32> buffer = {};
    const bool sameDay = then.tm_yday == today.tm_yday && then.tm_year == today.tm_year;
    const std::size_t n =
        std::strftime(buffer.data(), buffer.size(), sameDay ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then);
    return {buffer.data(), n};
}

const PartLine* findPart(const StatusView& view, std::string_view kind) {
    const auto found = std::ranges::find_if(view.parts, [&](const PartLine& part) {
        return part.part == kind || part.part.starts_with(std::string(kind) + "@");
    });
    return found == view.parts.end() ? nullptr : &*found;
}

std::optional<double> number(const json& object, const char* key) {
    const auto field = object.find(key);
    return field != object.end() && field->is_number() ? std::optional<double>(field->get<double>())
                                                       : std::nullopt;
}

void append(std::string& line, const std::string& text) {
    line += (line.empty() ? "" : ", ") + text;
}

std::string plural(double count, const char* one, const char* many) {
    return fmt::format("{:.0f} {}", count, count == 1 ? one : many);
}

std::string gpsLine(const StatusView& view) {
    std::string line;
    if (const PartLine* part = findPart(view, "gps")) {
        const json& c = part->counters;
        if (const auto mode = number(c, "mode"))
            append(line, *mode >= 3 ? "3D fix" : *mode >= 2 ? "2D fix" : "no fix");
        const auto latitude = number(c, "latitude");
        const auto longitude = number(c, "longitude");
        if (latitude && longitude)
            append(line, fmt::format("{:.6f} {:.6f}", *latitude, *longitude));
        if (const auto satellites = number(c, "satellites"))
            append(line, plural(*satellites, "satellite", "satellites"));
        if (line.empty())
            append(line, part->reason);
    }
    std::string ports;
    bool any = false;
    for (const UnitLine& unit : view.units) {
        const std::string name = partName(unit.name);
        if (unit.member || !name.starts_with("gps@"))
            continue;
        any = true;
        if (unit.active())
            append(ports, name.substr(4));
    }
    if (!ports.empty())
        append(line, "receiver on " + ports);
    else if (line.empty())
        line = any ? "no receiver on any port" : "no receiver";
    return line;
}

std::string wifiLine(const StatusView& view) {
    const PartLine* part =
        findPart(view, "scan") != nullptr ? findPart(view, "scan") : findPart(view, "kismet");
    std::string line;
    if (part == nullptr)
        return line;
    if (const auto aps = number(part->counters, "access_points"))
        append(line, plural(*aps, "access point", "access points"));
    if (const auto frames = number(part->counters, "frames"))
        append(line, plural(*frames, "frame", "frames"));
    if (!line.empty() && part->outputAge)
        append(line, "last row " + duration(*part->outputAge) + " ago");
    return line;
}

std::string takLine(const StatusView& view) {
    const PartLine* part =
        findPart(view, "tak") != nullptr ? findPart(view, "tak") : findPart(view, "wigletotak");
    std::string line;
    if (part == nullptr)
        return line;
    if (const auto events = number(part->counters, "events"))
        append(line, plural(*events, "event", "events"));
    const auto outputs = part->counters.find("outputs");
    if (!line.empty() && outputs != part->counters.end() && outputs->is_array())
        for (const json& output : *outputs) {
            if (!output.is_object() || !output.contains("url") || !output["url"].is_string())
                continue;
            const double failed = number(output, "failed").value_or(0);
            append(line, "to " + output["url"].get<std::string>() +
                             (failed > 0 ? fmt::format(" ({:.0f} not sent)", failed) : ""));
        }
    if (!line.empty() && part->outputAge)
        append(line, "last " + duration(*part->outputAge) + " ago");
    return line;
}

using Row = std::array<std::string, 4>;

Row rowOf(const UnitLine& unit) {
    std::string report = unit.part && unit.active() ? (unit.part->stale ? "silent" : unit.part->state) : "-";
    return {partName(unit.name),
            unit.activeState + (unit.subState.empty() ? "" : " (" + unit.subState + ")"), std::move(report),
            unitReason(unit)};
}

/// The colour of a unit is that of its report, or of systemd's word when there is none.
std::string stateOf(const UnitLine& unit) {
    if (unit.part && unit.active())
        return unit.part->stale ? "fault" : unit.part->state;
    return unit.member || unit.active() || unit.activeState == "failed" ? unit.activeState : "";
}

std::string renderUnits(const StatusView& view, const TableStyle& style) {
    std::vector<Row> rows = {{"PART", "UNIT", "REPORT", "REASON"}};
    for (const UnitLine& unit : view.units)
        rows.push_back(rowOf(unit));
    std::array<std::size_t, 3> widths = {};
    for (const Row& row : rows)
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths.at(i) = std::max(widths.at(i), columns(row.at(i)));
    std::string out;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const Row& row = rows[r];
        const std::string head = padded(row[0], widths[0]) + "  ";
        const std::string middle = padded(row[1], widths[1]) + "  " + padded(row[2], widths[2]);
        const std::size_t used = 2 + widths[0] + 2 + widths[1] + 2 + widths[2] + 2;
        std::string reason = row[3];
        if (style.width > 0)
            reason = cut(reason, style.width > used ? style.width - used : 0);
        std::string line =
            "  " + head + (r == 0 ? middle : coloured(middle, stateOf(view.units[r - 1]), style.colour));
        if (!reason.empty())
            line += "  " + reason;
        while (line.ends_with(' '))
            line.pop_back();
        out += line + "\n";
    }
    return out;
}

} // namespace

std::string duration(double seconds) {
    const double s = std::max(0.0, std::floor(seconds));
    if (s < minute)
        return fmt::format("{:.0f} s", s);
    if (s < hour)
        return fmt::format("{:.0f} min {:.0f} s", std::floor(s / minute), std::fmod(s, minute));
    if (s < day)
        return fmt::format("{:.0f} h {:.0f} min", std::floor(s / hour),
                           std::floor(std::fmod(s, hour) / minute));
    return fmt::format("{:.0f} d {:.0f} h", std::floor(s / day), std::floor(std::fmod(s, day) / hour));
}

std::string unitReason(const UnitLine& unit) {
    std::string reason;
    if (unit.loadState != "loaded" && !unit.loadState.empty() && !unit.active())
        reason = unit.loadState == "not-found" ? "not installed" : unit.loadState;
    else if (unit.activeState == "failed" || unit.subState == "auto-restart")
        reason = unit.result == "success" ? "failed" : "failed: " + unit.result;
    else if (unit.part && unit.active())
        reason = unit.part->stale ? "does not report any more" : unit.part->reason;
    else if (unit.activeState != "inactive")
        reason = unit.statusText;
    if (unit.restarts > 0)
        append(reason, plural(unit.restarts, "restart", "restarts"));
    return reason;
}

std::string coloured(const std::string& text, const std::string& state, bool colour) {
    static const std::array<std::pair<const char*, const char*>, 12> colours = {{
        {"running", "\033[32m"},
        {"active", "\033[32m"},
        {"ok", "\033[32m"},
        {"starting", "\033[33m"},
        {"activating", "\033[33m"},
        {"stopping", "\033[33m"},
        {"deactivating", "\033[33m"},
        {"waiting", "\033[33m"},
        {"degraded", "\033[33m"},
        {"failed", "\033[31m"},
        {"fault", "\033[31m"},
        {"inactive", "\033[2m"},
    }};
    const auto entry =
        std::ranges::find(colours, state, [](const auto& pair) { return std::string(pair.first); });
    return !colour || entry == colours.end() ? text : entry->second + text + "\033[0m";
}

std::string renderStatus(const StatusView& view, const TableStyle& style) {
    const auto since = style.now - static_cast<std::time_t>(view.stateAge);
    std::string out = coloured("● " + view.state, view.state, style.colour) + " since " +
                      wallClock(since, style.now) + ", for " + duration(view.stateAge) + "\n";
    if (!view.reason.empty())
        out += "  " + view.reason + "\n";
    out += "\n";
    out += view.units.empty() ? "  no parts: does /etc/stinky/stinky.conf name any?\n"
                              : renderUnits(view, style);
    std::string lines;
    const std::array<std::pair<const char*, std::string>, 3> tellers = {
        {{"GPS", gpsLine(view)}, {"Wi-Fi", wifiLine(view)}, {"TAK", takLine(view)}}};
    for (const auto& [name, line] : tellers)
        if (!line.empty())
            lines += "  " + padded(name, 7) + (style.width > 9 ? cut(line, style.width - 9) : line) + "\n";
    return out + "\n" + lines;
}

} // namespace stinky::ctl
