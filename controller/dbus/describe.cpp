#include "dbus/describe.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace stinky::dbus {
namespace {

// In the order of the documentation, for people who read it.
using json = nlohmann::ordered_json;

double milliseconds(double seconds) {
    return std::round(seconds * 1000) / 1000;
}

json ageOf(std::uint64_t monotonicUsec, double now) {
    return monotonicUsec == 0
               ? json(nullptr)
               : json(milliseconds(std::max(0.0, now - static_cast<double>(monotonicUsec) / 1e6)));
}

/// Ages were true when the part wrote them: the time since is added.
json agedSince(const std::optional<double>& age, double writtenAt, double now) {
    return age ? json(milliseconds(*age + std::max(0.0, now - writtenAt))) : json(nullptr);
}

json unitJson(const core::UnitView& unit, const core::PartView* part, double now) {
    return {
        {"name", unit.name},
        {"description", unit.description},
        {"role", unit.role == core::Role::member ? "member" : "attached"},
        {"load_state", unit.loadState},
        {"active_state", unit.activeState},
        {"sub_state", unit.subState},
        {"result", unit.result},
        {"status_text", unit.statusText},
        {"job", unit.job.empty() ? json(nullptr) : json(unit.job)},
        {"restarts", unit.restarts},
        {"main_pid", unit.mainPid == 0 ? json(nullptr) : json(unit.mainPid)},
        {"active_age_s", unit.activeState == "active" ? ageOf(unit.activeEnterUsec, now) : json(nullptr)},
        {"state_age_s", ageOf(unit.stateChangeUsec, now)},
        {"part", part == nullptr ? json(nullptr) : json(part->part)},
    };
}

json partJson(const core::PartView& part, double now) {
    return {
        {"part", part.part},
        {"state", toString(part.health)},
        {"reason", part.reason},
        {"stale", part.staleAt(now)},
        {"age_s", milliseconds(std::max(0.0, now - part.writtenAt))},
        {"input_age_s", agedSince(part.inputAge, part.writtenAt, now)},
        {"output_age_s", agedSince(part.outputAge, part.writtenAt, now)},
        {"counters", json::parse(part.counters, nullptr, false)},
    };
}

} // namespace

std::string describe(const core::Snapshot& snapshot, double now) {
    json units = json::array();
    for (const core::UnitView& unit : snapshot.world.units)
        units.push_back(unitJson(unit, partOf(unit, snapshot.world.parts), now));
    json parts = json::array();
    for (const core::PartView& part : snapshot.world.parts)
        parts.push_back(partJson(part, now));
    const json all = {
        {"version", STINKY_VERSION},
        {"state", toString(snapshot.state)},
        {"reason", snapshot.reason},
        {"reasons", snapshot.reasons},
        {"state_age_s", milliseconds(std::max(0.0, now - snapshot.since))},
        {"target", unitJson(snapshot.world.target, nullptr, now)},
        {"units", std::move(units)},
        {"parts", std::move(parts)},
    };
    return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace stinky::dbus
