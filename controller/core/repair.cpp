#include "core/repair.h"

#include "core/advice.h"

#include <algorithm>
#include <set>

namespace stinky::core {
namespace {

bool needs(const UnitView& unit, std::string_view name) {
    return std::ranges::find(unit.needs, name) != unit.needs.end();
}

bool isDown(const UnitView& unit) {
    return unit.job.empty() &&
           (unit.activeState == "failed" || (unit.activeState == "inactive" && unit.role == Role::member));
}

/// An optional part is never worth it: it has its own tries.
bool isRepaired(const UnitView& unit, const World& world) {
    const auto missing = [&](const std::string& name) {
        const auto device = std::ranges::find(world.units, name, &UnitView::name);
        return device != world.units.end() && device->role == Role::device &&
               device->activeState != "active";
    };
    return unit.role == Role::member && unit.activeState == "failed" && unit.job.empty() &&
           !isOptional(unit.name) && mayRecover(unit) && std::ranges::none_of(unit.needs, missing);
}

void add(std::vector<Action>& actions, const Action& action) {
    if (std::ranges::find(actions, action) == actions.end())
        actions.push_back(action);
}

} // namespace

std::vector<const UnitView*> dependentsOf(const World& world, std::string_view name) {
    std::vector<const UnitView*> found;
    std::set<std::string_view> causes = {name};
    for (bool more = true; more;) {
        more = false;
        for (const UnitView& unit : world.units) {
            const auto causesIt = [&](std::string_view cause) {
                return needs(unit, cause);
            };
            if (unit.role == Role::device || causes.contains(unit.name) ||
                !std::ranges::any_of(causes, causesIt))
                continue;
            causes.insert(unit.name);
            more = true;
            found.push_back(&unit);
        }
    }
    return found;
}

std::vector<const UnitView*> downFor(const World& world, std::string_view name) {
    std::vector<const UnitView*> found = dependentsOf(world, name);
    std::erase_if(found, [](const UnitView* unit) { return !isDown(*unit); });
    return found;
}

std::vector<Action> reviveActions(const std::vector<const UnitView*>& units) {
    std::vector<Action> actions;
    for (const UnitView* unit : units)
        if (unit->activeState == "failed")
            actions.push_back({Action::Kind::resetFailed, unit->name});
    for (const UnitView* unit : units)
        actions.push_back({Action::Kind::start, unit->name});
    return actions;
}

std::vector<Action> RepairBook::due(const World& world, double now) {
    std::vector<Action> actions;
    if (world.target.activeState != "active") {
        entries_.clear();
        return actions;
    }
    for (const UnitView& unit : world.units) {
        const auto known = entries_.find(unit.name);
        if (!isRepaired(unit, world)) {
            if (known == entries_.end())
                continue;
            known->second.state.due.reset();
            const double upSince =
                std::max(known->second.triedAt, static_cast<double>(unit.activeEnterUsec) / 1e6);
            const bool mended = unit.activeState == "active" && now - upSince >= mendedAfterSeconds;
            if (mended || known->second.state.tried == 0)
                entries_.erase(known);
            continue;
        }
        Entry& entry = entries_[unit.name];
        if (entry.state.tried >= repairLadder.size())
            continue;
        const Rung& rung = repairLadder.at(entry.state.tried);
        if (!entry.state.due)
            entry.state.due = now + rung.after;
        if (now < *entry.state.due)
            continue;
        ++entry.state.tried;
        entry.state.due.reset();
        entry.triedAt = now;
        if (rung.withNeeds)
            for (const std::string& need : unit.needs)
                if (need.ends_with(".service"))
                    add(actions, {Action::Kind::restart, need});
        std::vector<const UnitView*> revived = downFor(world, unit.name);
        revived.insert(revived.begin(), &unit);
        for (const Action& action : reviveActions(revived))
            add(actions, action);
    }
    return actions;
}

std::optional<double> RepairBook::nextDue() const {
    std::optional<double> next;
    for (const auto& [unit, entry] : entries_)
        if (entry.state.due && (!next || *entry.state.due < *next))
            next = entry.state.due;
    return next;
}

Repairs RepairBook::repairs() const {
    Repairs all;
    for (const auto& [unit, entry] : entries_)
        all.emplace(unit, entry.state);
    return all;
}

} // namespace stinky::core
