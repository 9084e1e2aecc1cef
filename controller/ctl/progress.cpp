#include "ctl/progress.h"

#include "ctl/status_table.h"
#include "ctl/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

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
        const std::string station = concerns(unit) ? stationOf(unit) : "";
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
        const std::string reason = station == "stopped" ? "" : unitReason(unit);
        steps_.push_back({unit.name, station, elapsed, reason});
        lines += (reason.empty() ? "" : ": " + reason) + "\n";
    }
    return lines;
}

bool Progress::concerns(const UnitLine& unit) const {
    if (only_.empty())
        return unit.member;
    const std::string name = partName(unit.name);
    return std::ranges::any_of(only_, [&](const std::string& one) {
        return one == name || one == unit.name || one + ".service" == unit.name ||
               one == name.substr(0, name.find('@'));
    });
}

std::optional<int> Progress::outcome() const {
    if (last_.state.empty())
        return std::nullopt;
    // Of the named parts each has its own way: the stack says nothing of a GPS port or of the display.
    if (!only_.empty())
        return outcomeOfNamed();
    if (last_.state == "starting" || last_.state == "stopping")
        return std::nullopt;
    if (goal_ == Goal::down)
        return last_.up() ? 1 : 0;
    return last_.up() && last_.complete() ? 0 : 1;
}

std::optional<int> Progress::outcomeOfNamed() const {
    bool allActive = true;
    for (const UnitLine& unit : last_.units) {
        if (!concerns(unit))
            continue;
        if (unit.busy())
            return std::nullopt;
        allActive = allActive && unit.active();
    }
    return allActive ? 0 : 1;
}

std::vector<std::string> Progress::toBlame() const {
    const auto those = [&](const std::function<bool(const UnitLine&)>& guilty) {
        std::vector<std::string> units;
        for (const UnitLine& unit : last_.units)
            if (concerns(unit) && (!unit.optional || !only_.empty()) && guilty(unit))
                units.push_back(unit.name);
        return units;
    };
    std::vector<std::string> units = those([](const UnitLine& unit) { return !unit.trouble.empty(); });
    // When the patience is over nothing has failed yet: what is busy holds the rest up, and it is those that
    // only wait for it whose job has not begun.
    if (units.empty())
        units = those([](const UnitLine& unit) {
            return unit.busy() && unit.activeState != "inactive" && !unit.active();
        });
    if (units.empty())
        units = those([](const UnitLine& unit) { return unit.busy(); });
    // A start that ended for want of something leaves its parts lying, without a failure of their own.
    if (units.empty() && goal_ != Goal::down)
        units = those([](const UnitLine& unit) { return !unit.active(); });
    return units;
}

nlohmann::ordered_json Progress::json(double elapsed) const {
    nlohmann::ordered_json steps = nlohmann::ordered_json::array();
    for (const Step& step : steps_)
        steps.push_back(
            {{"unit", step.unit}, {"step", step.step}, {"seconds", step.seconds}, {"reason", step.reason}});
    return {{"ok", outcome() == 0},        {"state", last_.state}, {"reason", last_.reason},
            {"next_step", last_.nextStep}, {"seconds", elapsed},   {"steps", std::move(steps)}};
}

std::string Progress::verdict(double elapsed) const {
    const std::string state = coloured(last_.state, last_.state, colour_);
    std::string line = joined(fmt::format("{} after {:.1f} s", state, elapsed), last_.reason) + "\n";
    if (outcome() != 0 && !last_.nextStep.empty())
        line += "→ " + last_.nextStep + "\n";
    return line;
}

std::string Progress::tooLate(double elapsed) const {
    const std::string state = last_.state.empty() ? "no answer" : "still " + last_.state;
    return joined(fmt::format("{} after {:.1f} s", state, elapsed), last_.reason) + "\n";
}

} // namespace stinky::ctl
