#include "ctl/status_table.h"

#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "view/json_field.h"

namespace stinky::ctl {
namespace {

using nlohmann::json;

// Of what a part or a server says.
constexpr std::size_t longestText = 200;
constexpr double minute = 60;
constexpr double hour = 60 * minute;
constexpr double day = 24 * hour;

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
        if (const auto mode = view::numberField(c, "mode"))
            append(line, *mode >= 3 ? "3D fix" : *mode >= 2 ? "2D fix" : "no fix");
        const auto latitude = view::numberField(c, "latitude");
        const auto longitude = view::numberField(c, "longitude");
        if (latitude && longitude)
            append(line, fmt::format("{:.6f} {:.6f}", *latitude, *longitude));
        if (const auto satellites = view::numberField(c, "satellites"))
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
    if (const auto aps = view::numberField(part->counters, "access_points"))
        append(line, plural(*aps, "access point", "access points"));
    if (const auto frames = view::numberField(part->counters, "frames"))
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
    if (const auto events = view::numberField(part->counters, "events"))
        append(line, plural(*events, "event", "events"));
    if (!line.empty() && part->outputAge)
        append(line, "last " + duration(*part->outputAge) + " ago");
    return line;
}

constexpr std::size_t roomForTimes = 60; ///< columns

/// A port without a dongle and a part that the settings leave out are no news.
bool isShown(const UnitLine& unit) {
    return unit.role == "member" || unit.active() || unit.activeState == "failed" || !unit.job.empty() ||
           (unit.role == "attached" && unit.activeState != "inactive");
}

std::string renderUnits(const StatusView& view, const Screen& screen) {
    const bool times = screen.width == 0 || screen.width >= roomForTimes;
    std::vector<std::string> head = {"PART", "STATE", "REASON"};
    if (times)
        head.insert(head.begin() + 2, "FOR");
    std::vector<std::vector<Cell>> rows;
    for (const UnitLine& unit : view.units) {
        if (!isShown(unit))
            continue;
        const std::string state = unitState(unit);
        std::vector<Cell> row = {{partName(unit.name)}, {state, state}, {unitReason(unit)}};
        if (times)
            row.insert(row.begin() + 2, {unit.stateAge ? duration(*unit.stateAge) : "-"});
        rows.push_back(std::move(row));
    }
    return rows.empty() ? "  no parts: does /etc/stinky/stinky.conf name any?\n"
                        : textTable(head, rows, screen);
}

std::string diskLine(const StatusView& view) {
    const auto free = view::numberField(view.disk, "free_bytes");
    if (!free)
        return {};
    std::string line = bytesText(*free) + " free";
    if (const auto captures = view::numberField(view.disk, "captures"))
        append(line, plural(*captures, "capture", "captures"));
    if (const auto bytes = view::numberField(view.disk, "capture_bytes"); bytes && *bytes > 0)
        line += " of " + bytesText(*bytes);
    return line;
}

std::string radioLine(const StatusView& view) {
    std::string line;
    for (const json& radio : view.radios)
        if (radio.is_object() && radio.contains("reason") && radio["reason"].is_string())
            append(line, displayText(radio["reason"].get<std::string>(), longestText));
    return line;
}

using Lines = std::vector<std::pair<std::string, std::string>>;

/// One line for each output: an address that nobody answers must not hide behind one that works.
void addTakLines(const StatusView& view, Lines& lines) {
    const std::string summary = takLine(view);
    if (summary.empty())
        return;
    lines.emplace_back("TAK", summary);
    const PartLine* part =
        findPart(view, "tak") != nullptr ? findPart(view, "tak") : findPart(view, "wigletotak");
    const auto outputs = part->counters.find("outputs");
    if (outputs == part->counters.end() || !outputs->is_array())
        return;
    for (const json& output : *outputs) {
        if (!output.is_object() || !output.contains("url") || !output["url"].is_string())
            continue;
        std::string line = displayText(output["url"].get<std::string>(), longestText);
        if (const auto sent = view::numberField(output, "sent"))
            append(line, fmt::format("{:.0f} sent", *sent));
        if (const double failed = view::numberField(output, "failed").value_or(0); failed > 0)
            append(line, fmt::format("{:.0f} not sent", failed));
        for (const char* key : {"state", "reason", "error"})
            if (output.contains(key) && output[key].is_string() && !output[key].get<std::string>().empty())
                append(line, displayText(output[key].get<std::string>(), longestText));
        lines.emplace_back("", line);
    }
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

std::string bytesText(double bytes) {
    static constexpr std::array<const char*, 5> units = {"B", "kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < units.size()) {
        bytes /= 1000;
        ++unit;
    }
    return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, units.at(unit));
}

std::string unitState(const UnitLine& unit) {
    if (unit.active())
        return !unit.part ? "active" : unit.part->stale ? "silent" : unit.part->state;
    if (unit.loadState == "not-found")
        return "missing";
    if (unit.loadState == "masked")
        return "masked";
    if (!unit.loadState.empty() && unit.loadState != "loaded")
        return "broken";
    if (unit.subState == "auto-restart")
        return "restarting";
    if (unit.activeState == "activating")
        return "starting";
    if (unit.activeState == "deactivating")
        return "stopping";
    return unit.activeState == "inactive" ? "stopped" : unit.activeState;
}

std::string unitReason(const UnitLine& unit) {
    std::string reason;
    if (!unit.trouble.empty())
        reason = unit.trouble;
    else if (unit.part && unit.active())
        reason = unit.part->stale ? "does not report any more" : unit.part->reason;
    else if (unit.activeState != "inactive" && unit.activeState != "failed")
        // Until the part's own report is there. "ok" is what the state says.
        reason = unit.statusText.starts_with("ok: ") ? unit.statusText.substr(4) : unit.statusText;
    if (unit.restarts > 0)
        append(reason, plural(unit.restarts, "restart", "restarts"));
    if (unit.repairs > 0)
        append(reason, plural(unit.repairs, "repair", "repairs"));
    return reason;
}

std::string renderStatus(const StatusView& view, const Screen& screen, std::time_t now) {
    const auto since = now - static_cast<std::time_t>(view.stateAge);
    std::string out = coloured("● " + view.state, view.state, screen.colour) + " since " +
                      wallClock(since, now) + ", for " + duration(view.stateAge) + "\n";
    if (!view.reason.empty())
        out += wrapped(view.reason, 2, screen.width);
    if (!view.nextStep.empty())
        out += wrapped("→ " + view.nextStep, 2, screen.width);
    out += "\n" + renderUnits(view, screen) + "\n";
    Lines lines = {{"GPS", gpsLine(view)}, {"Radio", radioLine(view)}, {"Wi-Fi", wifiLine(view)}};
    addTakLines(view, lines);
    lines.emplace_back("Disk", diskLine(view));
    for (const auto& [name, line] : lines)
        if (!line.empty())
            out += "  " + padded(name, 7) + (screen.width > 9 ? cut(line, screen.width - 9) : line) + "\n";
    return out;
}

} // namespace stinky::ctl
