#include "core/judge.h"

#include "core/advice.h"

#include <algorithm>
#include <utility>

namespace stinky::core {
namespace {

constexpr std::size_t mostReasons = 4;

bool isActive(const UnitView& unit) {
    return unit.activeState == "active" || unit.activeState == "reloading";
}

/// The stack is not whole without it.
bool isMissed(const UnitView& unit) {
    return unit.role == Role::member && !isOptional(unit.name);
}

/// A stop of the target stops it.
bool goesDownWithIt(const UnitView& unit) {
    return unit.role == Role::member || unit.role == Role::bound;
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
    return down(world.target) && std::ranges::all_of(world.units, [&](const UnitView& u) {
               return !goesDownWithIt(u) || down(u);
           });
}

bool isStacksStop(const World& world, const Intent& intent) {
    if ((intent.stopPending && !isAllDown(world)) || isStopping(world.target))
        return true;
    if (isActive(world.target) || intent.startPending || isStarting(world.target))
        return false;
    return std::ranges::any_of(world.units,
                               [](const UnitView& u) { return goesDownWithIt(u) && isStopping(u); });
}

bool isStacksStart(const World& world, const Intent& intent) {
    const auto starts = [](const UnitView& u) {
        return isMissed(u) && isStarting(u);
    };
    if (!isActive(world.target))
        return intent.startPending || isStarting(world.target) || std::ranges::any_of(world.units, starts);
    // The target is up.
    if (intent.restartPending || world.target.job == "restart")
        return true;
    // A part that systemd repairs is a defect, not a start.
    const auto startsAfresh = [](const UnitView& u) {
        return isMissed(u) && isStarting(u) && !isRecovering(u);
    };
    if (std::ranges::any_of(world.units, startsAfresh))
        return true;
    // A start of a stack that is up revives what lies down: until its job has ended that is a start too.
    const auto down = [](const UnitView& u) {
        return isMissed(u) && !isActive(u);
    };
    return (intent.startPending || world.target.job == "start") && std::ranges::any_of(world.units, down);
}

std::string failureOf(const UnitView& unit) {
    const std::string trouble = troubleOf(unit);
    const std::string text = std::string(shortName(unit.name)) + " failed";
    return trouble.empty() || trouble == "it failed" ? text : text + ": " + trouble;
}

std::string loadProblem(const UnitView& unit) {
    const std::string name(shortName(unit.name));
    if (unit.loadState == "not-found")
        return name + " is not installed";
    return unit.loadState == "masked" ? name + " is masked" : name + ": " + troubleOf(unit);
}

constexpr std::string_view networkDevice = "sys-subsystem-net-devices-";

/// "wlan2 is not there" for a unit that is bound to a device that is gone; empty when all are there.
std::string missingDevice(const UnitView& unit, const World& world) {
    for (const UnitView& device : world.units) {
        if (device.role != Role::device || isActive(device) ||
            std::ranges::find(unit.needs, device.name) == unit.needs.end())
            continue;
        std::string name = device.name.substr(0, device.name.rfind('.'));
        if (name.starts_with(networkDevice))
            name.erase(0, networkDevice.size());
        return name + " is not there";
    }
    return {};
}

double secondsOf(std::uint64_t usec) {
    return static_cast<double>(usec) / 1e6;
}

/// Who is busy holds up those whose jobs only wait for it.
std::vector<const UnitView*> busyOrQueued(const World& world, bool (*moves)(const UnitView&),
                                          std::string_view busyState) {
    std::vector<const UnitView*> busy;
    std::vector<const UnitView*> queued;
    for (const UnitView& unit : world.units)
        if (goesDownWithIt(unit) && moves(unit))
            (unit.activeState == busyState ? busy : queued).push_back(&unit);
    return busy.empty() ? queued : busy;
}

Verdict underWay(State state, const World& world, std::string_view preposition,
                 const std::vector<const UnitView*>& awaited) {
    Verdict verdict;
    verdict.state = state;
    std::string list;
    for (const UnitView* unit : awaited) {
        const std::string missing = missingDevice(*unit, world);
        list += (list.empty() ? "" : ", ") + std::string(shortName(unit->name)) +
                (missing.empty() ? "" : " (" + missing + ")");
        verdict.awaited.push_back({unit->name, secondsOf(unit->stateChangeUsec)});
    }
    verdict.reasons.push_back(list.empty() ? "waiting for systemd" : std::string(preposition) + list);
    return verdict;
}

/// How far the repair of a failed part has come, as the end of a sentence.
std::string repairText(const UnitView& unit, const Repairs& repairs) {
    const auto found = repairs.find(unit.name);
    if (found == repairs.end())
        return {};
    if (found->second.exhausted())
        return ", and " + std::to_string(found->second.tried) + " repairs did not help";
    return ", repair " + std::to_string(found->second.tried + 1) + " of " +
           std::to_string(repairLadder.size()) + " follows";
}

/// What is amiss with a unit of a target that is up, as systemd sees it; empty when nothing is.
std::string unitComplaint(const UnitView& unit, const World& world, const Repairs& repairs) {
    const std::string name(shortName(unit.name));
    if (!unit.loaded() && !isActive(unit))
        return loadProblem(unit);
    if (unit.activeState == "failed")
        return failureOf(unit) + repairText(unit, repairs);
    if (isRecovering(unit))
        return unit.result.empty() || unit.result == "success" ? name + " is starting again"
                                                               : failureOf(unit) + ", starting again";
    if (isStopping(unit))
        return name + " is stopping";
    if (unit.activeState == "activating")
        return name + " is starting";
    if (isActive(unit) || unit.skipped())
        return {};
    const std::string missing = missingDevice(unit, world);
    return name + " is not running" + (missing.empty() ? "" : ": " + missing);
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
    void add(std::string text, std::string nextStep = {}) {
        // Two parts that wait for the same thing give one reason.
        if (text.empty() || std::ranges::find(list_, text) != list_.end())
            return;
        list_.push_back(std::move(text));
        if (nextStep_.empty())
            nextStep_ = std::move(nextStep);
    }

    void moveTo(Verdict& verdict) {
        verdict.reasons = std::move(list_);
        verdict.nextStep = std::move(nextStep_);
    }

private:
    std::vector<std::string> list_;
    std::string nextStep_; ///< of the first that has one
};

/// A port matters while no other serves; a unit that the target does not want only while it runs.
bool counts(const UnitView& unit, bool gpsServed) {
    return isMissed(unit) || (unit.role == Role::attached && !gpsServed) ||
           (unit.role == Role::bound && isActive(unit) && !isOptional(unit.name));
}

void complainOfUnits(const World& world, const Intent& intent, bool gpsServed, Complaints& complaints) {
    for (const UnitView& unit : world.units) {
        // An attached unit that lies down is a port without a dongle: nothing to complain of.
        const bool idle = unit.role == Role::attached && !isActive(unit) && unit.activeState != "failed";
        if (!counts(unit, gpsServed) || idle)
            continue;
        complaints.add(unitComplaint(unit, world, intent.repairs), nextStepFor(unit));
    }
}

void complainOfReports(const World& world, bool gpsServed, double now, Complaints& complaints) {
    for (const UnitView& unit : world.units) {
        if (!isActive(unit) || !counts(unit, gpsServed))
            continue;
        const std::string step = "look why: stinkyctl logs " + std::string(partNameOf(unit.name));
        if (const PartView* part = partOf(unit, world.parts))
            complaints.add(partComplaint(*part, unit.name, now), part->staleAt(now) ? step : "");
        for (const Vanished& gone : world.vanished)
            if (partBelongsTo(gone.part, unit.name) && now - gone.since >= missedAfterSeconds)
                complaints.add(std::string(shortName(unit.name)) + " does not report any more", step);
    }
    for (const PartView& part : world.parts) {
        const auto owns = [&](const UnitView& unit) {
            return partBelongsTo(part.part, unit.name);
        };
        // A stale file without a unit is what a killed and forgotten program left behind.
        if (!part.staleAt(now) && std::ranges::none_of(world.units, owns))
            complaints.add(partComplaint(part, {}, now));
    }
}

Verdict judgeUp(const World& world, const Intent& intent, double now) {
    Complaints complaints;
    const bool gpsServed = gpsIsServed(world, now);
    complainOfUnits(world, intent, gpsServed, complaints);
    complainOfReports(world, gpsServed, now, complaints);
    Verdict verdict;
    complaints.moveTo(verdict);
    verdict.state = verdict.reasons.empty() ? State::running : State::degraded;
    return verdict;
}

Verdict judgeDown(const World& world, const Intent& intent) {
    Verdict verdict;
    Complaints complaints;
    if (!world.target.loaded())
        complaints.add(loadProblem(world.target), nextStepFor(world.target));
    for (const UnitView& unit : world.units)
        if (isMissed(unit) && unit.activeState == "failed")
            complaints.add(failureOf(unit), nextStepFor(unit));
    if (world.target.activeState == "failed")
        complaints.add(failureOf(world.target));
    if (intent.stoppedForFailure)
        complaints.add("the rest was stopped (ON_FAILURE=stop)");
    if (!intent.startFailure.empty())
        complaints.add("start of " + std::string(targetName) + " ended with: " + intent.startFailure,
                       "look why: stinkyctl logs");
    complaints.moveTo(verdict);
    verdict.state = verdict.reasons.empty() ? State::inactive : State::failed;
    if (verdict.state == State::inactive)
        for (const UnitView& unit : world.units)
            if (goesDownWithIt(unit) && isActive(unit))
                verdict.reasons.push_back(std::string(shortName(unit.name)) +
                                          " runs although the target is stopped");
    return verdict;
}

} // namespace

Verdict judge(const World& world, const Intent& intent, double now) {
    if (isStacksStop(world, intent))
        return underWay(State::stopping, world, "waiting for the end of ",
                        busyOrQueued(world, isStopping, "deactivating"));
    if (isStacksStart(world, intent))
        return underWay(State::starting, world, "waiting for ",
                        busyOrQueued(world, isStarting, "activating"));
    return isActive(world.target) ? judgeUp(world, intent, now) : judgeDown(world, intent);
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
