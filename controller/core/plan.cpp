#include "core/plan.h"

#include "core/repair.h"

#include <algorithm>
#include <string>

namespace stinky::core {

std::vector<Action> planFor(Request request, const World& world) {
    std::vector<Action> plan;
    if (request != Request::stop)
        for (const UnitView& unit : world.units)
            if (unit.activeState == "failed" && unit.role != Role::device)
                plan.push_back({Action::Kind::resetFailed, unit.name});
    const auto kind = request == Request::start  ? Action::Kind::start
                      : request == Request::stop ? Action::Kind::stop
                                                 : Action::Kind::restart;
    plan.push_back({kind, std::string(targetName)});
    return plan;
}

std::vector<Action> resetsBeforeRestart(const World& world, const std::vector<const UnitView*>& units) {
    std::vector<Action> resets;
    const auto add = [&](const UnitView& unit) {
        const Action reset = {Action::Kind::resetFailed, unit.name};
        if (std::ranges::find(resets, reset) == resets.end())
            resets.push_back(reset);
    };
    for (const UnitView* unit : units) {
        add(*unit);
        for (const UnitView* dependent : dependentsOf(world, unit->name))
            if (dependent->activeState == "active")
                add(*dependent);
    }
    return resets;
}

} // namespace stinky::core
