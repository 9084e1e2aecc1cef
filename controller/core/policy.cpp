#include "core/machine.h"

#include <algorithm>
#include <memory>

// What the machine does by itself.
namespace stinky::core {

void Machine::act(const World& before) {
    // What it asks for is published, and leads here again.
    if (acting_ || !snapshot_.discovered)
        return;
    // Over with this call also when the way to systemd throws.
    const std::unique_ptr<bool, void (*)(bool*)> acting(&(acting_ = true),
                                                        [](bool* flag) { *flag = false; });
    reviveWhatDevicesAllow(before);
    reviveStranded();
    stopForFailure();
    forgetStartsOfStopped();
}

void Machine::reviveWhatDevicesAllow(const World& before) {
    const World& world = snapshot_.world;
    if (world.target.activeState != "active" || errand_)
        return;
    bool anew = false;
    for (const UnitView& device : world.units) {
        const UnitView* former = unitNamed(before, device.name);
        if (device.role != Role::device || device.activeState != "active" || former == nullptr ||
            former->activeState == "active")
            continue;
        anew = true;
        for (const UnitView* unit : dependentsOf(world, device.name))
            repairs_.forget(unit->name);
        const std::vector<const UnitView*> down = downFor(world, device.name);
        if (down.empty())
            continue;
        std::string names;
        for (const UnitView* unit : down)
            names += (names.empty() ? "" : ", ") + std::string(shortName(unit->name));
        note("device-back", down.front()->name, device.name + " is there again: starting " + names);
        perform(reviveActions(down));
    }
    // The picture that is looped over goes with it.
    if (anew)
        publish();
}

void Machine::reviveStranded() {
    const World& world = snapshot_.world;
    if (world.target.activeState != "active" || errand_) {
        if (world.target.activeState == "inactive" && world.target.job.empty())
            stranded_.clear();
        return;
    }
    const auto isThere = [&](const std::string& name) {
        const UnitView* need = unitNamed(world, name);
        return need == nullptr || need->activeState == "active";
    };
    for (const UnitView& unit : world.units) {
        if (!stranded_.contains(unit.name) || !unit.job.empty() || !std::ranges::all_of(unit.needs, isThere))
            continue;
        stranded_.erase(unit.name);
        if (unit.role != Role::member || unit.activeState == "active")
            continue;
        note("need-back", unit.name,
             "what " + std::string(shortName(unit.name)) + " needs is there: starting it");
        perform(reviveActions({&unit}));
    }
}

void Machine::stopForFailure() {
    const World& world = snapshot_.world;
    std::erase_if(answeredFailures_, [&](const std::string& name) {
        const UnitView* unit = unitNamed(world, name);
        return unit == nullptr || unit->activeState != "failed";
    });
    if (onFailure_ != OnFailure::stop || world.target.activeState != "active" || !world.target.job.empty() ||
        errand_)
        return;
    const auto gone = std::ranges::find_if(world.units, [&](const UnitView& unit) {
        return unit.role == Role::member && isCritical(unit.name) && unit.activeState == "failed" &&
               unit.job.empty() && !answeredFailures_.contains(unit.name);
    });
    if (gone == world.units.end())
        return;
    note("stopped-for-failure", gone->name,
         std::string(shortName(gone->name)) + " failed and ON_FAILURE=stop: stopping the rest");
    answeredFailures_.insert(gone->name);
    request(Request::stop, [this](const Ticket& ticket) {
        if (ticket.ok())
            return;
        stoppedForFailure_ = false;
        note("stop-refused", std::string(targetName), "the rest runs on: " + ticket.error);
        publish();
    });
    stoppedForFailure_ = true;
    publish();
}

void Machine::perform(const std::vector<Action>& actions) {
    // What comes of it is seen in the units.
    for (const Action& action : actions)
        manager_.perform(action, [](const Ticket&) {});
}

void Machine::note(const char* event, const std::string& unit, std::string text) const {
    if (surroundings_.note)
        surroundings_.note({event, unit, std::move(text)});
}

} // namespace stinky::core
