#include "ctl/progress.h"

#include "ctl/status_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace stinky::ctl {
namespace {

/// The stations on a unit's way that are worth a line.
std::string stationOf(const UnitLine& unit) {
    if (unit.active())
        return "ready";
    if (unit.activeState == "failed" || unit.subState == "auto-restart")
        return "failed";
    return unit.activeState == "inactive" && unit.job.empty() ? "stopped" : "";
}

std::string joined(const std::string& line, const std::string& reason) {
    return reason.empty() ? line : line + ": " + reason;
}

} // namespace

std::string Progress::update(const StatusView& view, double elapsed) {
    const bool first = last_.state.empty();
    last_ = view;
    std::size_t width = 0;
    for (const UnitLine& unit : view.units)
        width = std::max(width, partName(unit.name).size());
    std::string lines;
    for (const UnitLine& unit : view.units) {
        const std::string station = unit.member ? stationOf(unit) : "";
        std::string& told = told_[unit.name];
        if (station == told)
            continue;
        told = station;
        // What the stack looked like before is no progress; only a start says what runs already.
        const bool goalStation = station == (goal_ == Goal::down ? "stopped" : "ready");
        if ((first && !(goal_ == Goal::up && station == "ready")) || (!goalStation && station != "failed"))
            continue;
        const std::string state = station == "ready" ? "ok" : station;
        lines += fmt::format("  {:<{}}  {}", partName(unit.name), width, coloured(station, state, colour_));
        lines += first ? std::string(" already") : fmt::format(" after {:.1f} s", elapsed);
        const std::string reason = station == "failed"  ? unit.result
                                   : station == "ready" ? unitReason(unit)
                                                        : "";
        lines += (reason.empty() || reason == "success" ? "" : ": " + reason) + "\n";
    }
    return lines;
}

std::optional<int> Progress::outcome() const {
    if (last_.state.empty() || last_.state == "starting" || last_.state == "stopping")
        return std::nullopt;
    if (goal_ == Goal::down)
        return last_.up() ? 1 : 0;
    return last_.up() && last_.complete() ? 0 : 1;
}

std::string Progress::verdict(double elapsed) const {
    const std::string state = coloured(last_.state, last_.state, colour_);
    return joined(fmt::format("{} after {:.1f} s", state, elapsed), last_.reason) + "\n";
}

std::string Progress::tooLate(double elapsed) const {
    const std::string state = last_.state.empty() ? "no answer" : "still " + last_.state;
    return joined(fmt::format("{} after {:.1f} s", state, elapsed), last_.reason) + "\n";
}

} // namespace stinky::ctl
