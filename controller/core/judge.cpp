#include "core/judge.h"

#include <algorithm>
#include <utility>

namespace stinky::core {
namespace {

constexpr std::size_t mostReasons = 4;

bool isActive(const UnitView& unit) {
    return unit.activeState == "active" || unit.activeState == "reloading";
}

bool isMember(const UnitView& unit) {
    return unit.role == Role::member;
}

bool isStarting(const UnitView& unit) {
    return unit.activeState == "activating" || unit.job == "restart" ||
           (unit.job == "start" && !isActive(unit));
}

bool isStopping(const UnitView& unit) {
    return unit.activeState == "deactivating" || unit.job == "stop";
}

/// systemd brings it up again by itself after it failed; "activating" is then no first start. A manual start
/// sets the count back to 0.
bool isRecovering(const UnitView& unit) {
    return isStarting(unit) && (unit.subState == "auto-restart" || unit.restarts > 0);
}

/// Nothing of the stack is up or about to be: a stop has nothing to do.
bool isAllDown(const World& world) {
    const auto down = [](const UnitView& u) {
        return u.job.empty() && (u.activeState == "inactive" || u.activeState == "failed");
    };
    return down(world.target) &&
           std::ranges::all_of(world.units, [&](const UnitView& u) { return !isMember(u) || down(u); });
}

bool isStacksStop(const World& world, const Intent& intent) {
    if ((intent.stopPending && !isAllDown(world)) || isStopping(world.target))
        return true;
    if (isActive(world.target) || intent.startPending || isStarting(world.target))
        return false;
    return std::ranges::any_of(world.units, [](const UnitView& u) { return isMember(u) && isStopping(u); });
}

bool isStacksStart(const World& world, const Intent& intent) {
    const auto starts = [](const UnitView& u) {
        return isMember(u) && isStarting(u);
    };
    if (!isActive(world.target))
        return intent.startPending || isStarting(world.target) || std::ranges::any_of(world.units, starts);
    // The target is up.
    if (intent.restartPending || world.target.job == "restart")
        return true;
    // A part that systemd repairs is a defect, not a start.
    const auto startsAfresh = [](const UnitView& u) {
        return isMember(u) && isStarting(u) && !isRecovering(u);
    };
    if (std::ranges::any_of(world.units, startsAfresh))
        return true;
    // A start of a stack that is up revives what lies down: until its job has ended that is a start too.
    const auto down = [](const UnitView& u) {
        return isMember(u) && !isActive(u);
    };
    return (intent.startPending || world.target.job == "start") && std::ranges::any_of(world.units, down);
}

std::string failureOf(const UnitView& unit) {
    std::string text(shortName(unit.name));
    text += " failed";
    if (!unit.result.empty() && unit.result != "success")
        text += ": " + unit.result;
    return text;
}

std::string loadProblem(const UnitView& unit) {
    const std::string name(shortName(unit.name));
    if (unit.loadState == "not-found")
        return name + " is not installed";
    if (unit.loadState == "masked")
        return name + " is masked";
    return name + " cannot be loaded: " + unit.loadState;
}

bool isLoaded(const UnitView& unit) {
    return unit.loadState == "loaded" || unit.loadState.empty();
}

std::string waitingFor(const World& world) {
    // Who is being started holds up those whose jobs only wait for it.
    std::string busy;
    std::string queued;
    for (const UnitView& unit : world.units) {
        if (!isMember(unit) || !isStarting(unit))
            continue;
        std::string* list = unit.activeState == "activating" ? &busy : &queued;
        if (list != nullptr)
            *list += (list->empty() ? "" : ", ") + std::string(shortName(unit.name));
    }
    if (busy.empty() && queued.empty())
        return "waiting for systemd";
    return "waiting for " + (busy.empty() ? queued : busy);
}

std::string waitingForTheEndOf(const World& world) {
    std::string list;
    for (const UnitView& unit : world.units)
        if (isMember(unit) && isStopping(unit))
            list += (list.empty() ? "" : ", ") + std::string(shortName(unit.name));
    return list.empty() ? "waiting for systemd" : "waiting for the end of " + list;
}

/// What is amiss with a unit of a target that is up, as systemd sees it; empty when nothing is.
std::string unitComplaint(const UnitView& unit) {
    const std::string name(shortName(unit.name));
    if (!isLoaded(unit) && !isActive(unit))
        return loadProblem(unit);
    if (unit.activeState == "failed")
        return failureOf(unit);
    if (isRecovering(unit))
        return unit.result.empty() || unit.result == "success" ? name + " is starting again"
                                                               : failureOf(unit) + ", starting again";
    if (isStopping(unit))
        return name + " is stopping";
    if (unit.activeState == "activating")
        return name + " is starting";
    if (!isActive(unit))
        return name + " is not running";
    return {};
}

/// What is amiss with a part by its own report; empty when nothing is.
std::string partComplaint(const PartView& part, std::string_view unitName, double now) {
    const std::string name = unitName.empty() ? "stinky-" + part.part : std::string(shortName(unitName));
    if (part.health == PartHealth::ok || part.health == PartHealth::waiting) {
        if (part.staleAt(now))
            return name + " does not report any more";
        if (part.health == PartHealth::ok)
            return {};
        return part.reason.empty() ? name + " is waiting" : part.reason;
    }
    if (part.staleAt(now))
        return name + " does not report any more";
    return name + ": " + (part.reason.empty() ? toString(part.health) : part.reason);
}

/// Several serial ports may be there and only one of them a receiver: what ails the others matters to nobody
/// while one serves.
bool gpsIsServed(const World& world, double now) {
    return std::ranges::any_of(world.units, [&](const UnitView& unit) {
        const bool gps = unit.role == Role::attached || shortName(unit.name) == "stinky-gps";
        if (!gps || !isActive(unit))
            return false;
        const PartView* part = partOf(unit, world.parts);
        return part == nullptr ? unit.role == Role::attached
                               : part->health == PartHealth::ok && !part->staleAt(now);
    });
}

class Complaints {
public:
    void add(std::string text) {
        // Two parts that wait for the same thing give one reason.
        if (!text.empty() && std::ranges::find(list_, text) == list_.end())
            list_.push_back(std::move(text));
    }

    std::vector<std::string> take() { return std::move(list_); }

private:
    std::vector<std::string> list_;
};

std::vector<std::string> complaintsWhileUp(const World& world, double now) {
    Complaints complaints;
    const bool gpsServed = gpsIsServed(world, now);
    const auto counts = [&](const UnitView& unit) {
        return isMember(unit) || !gpsServed;
    };
    for (const UnitView& unit : world.units) {
        // An attached unit that lies down is a port without a dongle: nothing to complain of.
        const bool idle = unit.role == Role::attached && !isActive(unit) && unit.activeState != "failed";
        if (counts(unit) && !idle)
            complaints.add(unitComplaint(unit));
    }
    for (const UnitView& unit : world.units) {
        const PartView* part = isActive(unit) && counts(unit) ? partOf(unit, world.parts) : nullptr;
        if (part != nullptr)
            complaints.add(partComplaint(*part, unit.name, now));
    }
    for (const UnitView& unit : world.units)
        for (const std::string& part : world.vanished)
            if (isActive(unit) && counts(unit) && partBelongsTo(part, unit.name))
                complaints.add(std::string(shortName(unit.name)) + " does not report any more");
    for (const PartView& part : world.parts) {
        const auto owns = [&](const UnitView& unit) {
            return partBelongsTo(part.part, unit.name);
        };
        // A stale file without a unit is what a killed and forgotten program left behind.
        if (!part.staleAt(now) && std::ranges::none_of(world.units, owns))
            complaints.add(partComplaint(part, {}, now));
    }
    return complaints.take();
}

Verdict judgeDown(const World& world, const Intent& intent) {
    Verdict verdict;
    Complaints complaints;
    if (!isLoaded(world.target))
        complaints.add(loadProblem(world.target));
    for (const UnitView& unit : world.units)
        if (isMember(unit) && unit.activeState == "failed")
            complaints.add(failureOf(unit));
    if (world.target.activeState == "failed")
        complaints.add(failureOf(world.target));
    verdict.reasons = complaints.take();
    if (!intent.startFailure.empty())
        verdict.reasons.push_back("start of " + std::string(targetName) +
                                  " ended with: " + intent.startFailure);
    verdict.state = verdict.reasons.empty() ? State::inactive : State::failed;
    if (verdict.state == State::inactive)
        for (const UnitView& unit : world.units)
            if (isMember(unit) && isActive(unit))
                verdict.reasons.push_back(std::string(shortName(unit.name)) +
                                          " runs although the target is stopped");
    return verdict;
}

} // namespace

Verdict judge(const World& world, const Intent& intent, double now) {
    if (isStacksStop(world, intent))
        return {State::stopping, {waitingForTheEndOf(world)}};
    if (isStacksStart(world, intent))
        return {State::starting, {waitingFor(world)}};
    if (!isActive(world.target))
        return judgeDown(world, intent);
    Verdict verdict;
    verdict.reasons = complaintsWhileUp(world, now);
    verdict.state = verdict.reasons.empty() ? State::running : State::degraded;
    return verdict;
}

std::string joinReasons(const std::vector<std::string>& reasons) {
    std::string line;
    for (std::size_t i = 0; i < std::min(reasons.size(), mostReasons); ++i)
        line += (i == 0 ? "" : "; ") + reasons[i];
    if (reasons.size() > mostReasons)
        line += " and " + std::to_string(reasons.size() - mostReasons) + " more";
    return line;
}

} // namespace stinky::core
