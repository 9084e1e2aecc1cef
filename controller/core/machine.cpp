#include "core/machine.h"

#include <algorithm>

namespace stinky::core {
namespace {

constexpr std::size_t rememberedJobs = 64;
constexpr double microsecond = 1e-6;

bool endedBadly(const std::string& result) {
    return result == "failed" || result == "dependency" || result == "timeout" || result == "invalid" ||
           result == "assert" || result == "unsupported";
}

/// Keeps of the vanished reports those that are missed: the file is not back, and the unit still claims to
/// run.
void forgetReturned(World& world) {
    const auto missed = [&](const std::string& name) {
        return std::ranges::find(world.parts, name, &PartView::part) == world.parts.end() &&
               std::ranges::any_of(world.units, [&](const UnitView& unit) {
                   return unit.activeState == "active" && partBelongsTo(name, unit.name);
               });
    };
    std::erase_if(world.vanished, [&](const Vanished& gone) { return !missed(gone.part); });
}

bool changed(const Snapshot& a, const Snapshot& b) {
    return a.state != b.state || a.reasons != b.reasons || a.discovered != b.discovered ||
           a.world.target != b.world.target || a.world.units != b.world.units ||
           a.world.parts != b.world.parts || a.nextStep != b.nextStep || a.awaited != b.awaited ||
           a.repairs != b.repairs || a.restarting != b.restarting;
}

} // namespace

/// One request on its way to systemd.
struct Machine::Errand {
    Request request = Request::start;
    std::vector<Action> plan;
    std::size_t next = 0;
    std::vector<Answer> answers;
    std::string job; ///< known once systemd has queued it

    void answerAll(const Ticket& ticket) {
        // An answer may lead to the next request: nothing of this errand is touched after it.
        const std::vector<Answer> list = std::move(answers);
        answers.clear();
        for (const Answer& answer : list)
            if (answer)
                answer(ticket);
    }
};

/// Single units on their way to systemd.
struct Machine::Batch {
    std::vector<Ticket> tickets;
    std::size_t outstanding = 0;
    TicketsAnswer answer;

    void answerNow() {
        if (const TicketsAnswer once = std::exchange(answer, nullptr))
            once(tickets);
    }
};

Machine::Machine(ServiceManager& manager, Clock clock, Surroundings surroundings)
    : manager_(manager), clock_(std::move(clock)), surroundings_(std::move(surroundings)) {}

void Machine::request(Request request, Answer answer) {
    if (errand_ && errand_->request == request && errand_->job.empty()) {
        errand_->answers.push_back(std::move(answer));
        return;
    }
    const std::shared_ptr<Errand> overtaken = errand_;
    errand_ = std::make_shared<Errand>();
    errand_->request = request;
    errand_->plan = planFor(request, snapshot_.world);
    errand_->answers.push_back(std::move(answer));
    startFailure_.clear();
    stoppedForFailure_ = false;
    if (request != Request::stop) {
        repairs_.forget();
        forgetStarts(request);
    }
    const std::shared_ptr<Errand> mine = errand_;
    publish();
    // One whose job call is out is answered by that; one that still resets failed units never gets to it.
    if (overtaken && overtaken->next + 1 < overtaken->plan.size())
        overtaken->answerAll(
            {{}, supersededError, std::string("overtaken by a later ") + toString(request)});
    proceed(mine);
}

// systemd counts a start that a person asks for like a restart after a failure, and would refuse the tenth.
// A restart starts also what is up; what has failed is reset by the plan.
void Machine::forgetStarts(Request request) {
    for (const UnitView& unit : snapshot_.world.units) {
        const bool starts =
            unit.activeState == "inactive" || (request == Request::restart && unit.activeState != "failed");
        if (unit.role != Role::device && starts)
            forgetStartsOf(unit);
    }
}

void Machine::forgetStartsOf(const UnitView& unit) {
    if (unit.activeEnterUsec == 0)
        return;
    if (std::exchange(forgottenStarts_[unit.name], unit.stateChangeUsec) != unit.stateChangeUsec)
        manager_.perform({Action::Kind::resetFailed, unit.name}, [](const Ticket&) {});
}

// Each call is a question of systemd to polkit: after a stop nobody waits for the answers, before a start
// somebody does.
void Machine::forgetStartsOfStopped() {
    const World& world = snapshot_.world;
    const auto down = [](const UnitView& unit) {
        return unit.activeState == "inactive" && unit.job.empty();
    };
    const auto isMember = [](const UnitView& unit) {
        return unit.role == Role::member;
    };
    if (errand_ || !down(world.target))
        return;
    // While one still stops, this would keep it waiting.
    for (const UnitView& unit : world.units)
        if (isMember(unit) && !down(unit) && unit.activeState != "failed")
            return;
    for (const UnitView& unit : world.units)
        if (isMember(unit) && down(unit))
            forgetStartsOf(unit);
}

void Machine::restartUnits(const std::vector<std::string>& names, TicketsAnswer answer) {
    const auto batch = std::make_shared<Batch>();
    batch->answer = std::move(answer);
    batch->tickets.resize(names.size());
    std::vector<const UnitView*> units;
    bool allKnown = true;
    for (std::size_t i = 0; i < names.size(); ++i) {
        units.push_back(findUnit(snapshot_.world, names[i]));
        if (units.back() != nullptr)
            continue;
        batch->tickets[i] = {{}, unknownUnitError, names[i] + " is no unit of the sensor"};
        allKnown = false;
    }
    if (!allKnown || names.empty()) {
        batch->answerNow();
        return;
    }
    repairs_.forget();
    std::erase_if(batches_, [](const auto& weak) { return weak.expired(); });
    batches_.push_back(batch);
    batch->outstanding = units.size();
    std::vector<std::string> restarted;
    for (const UnitView* unit : units)
        restarted.push_back(unit->name);
    // Their order on the bus is kept, so that the restarts find the failures and the count of starts reset.
    perform(resetsBeforeRestart(snapshot_.world, units));
    for (std::size_t i = 0; i < restarted.size(); ++i)
        manager_.perform({Action::Kind::restart, restarted[i]},
                         [this, batch, i, unit = restarted[i]](const Ticket& ticket) {
                             restartQueued(unit, ticket);
                             batch->tickets[i] = ticket;
                             if (--batch->outstanding == 0)
                                 batch->answerNow();
                         });
    for (const std::string& unit : restarted)
        restarts_[unit].clear();
    publish();
}

void Machine::restartQueued(const std::string& unit, const Ticket& ticket) {
    const auto known = restarts_.find(unit);
    if (known == restarts_.end())
        return;
    const auto isIt = [&](const auto& ended) {
        return ended.first == ticket.job;
    };
    known->second = ticket.job;
    if (ticket.ok() && std::ranges::none_of(endedJobs_, isIt))
        return;
    restarts_.erase(known);
    publish();
}

void Machine::managerLost() {
    // The next discovery is told to all, also when it finds what was there before.
    snapshot_.discovered = false;
    answeredFailures_.clear(); // the stop may not have reached systemd
    restarts_.clear();
    const Ticket lost = {{}, managerLostError, "the system bus went away"};
    const std::shared_ptr<Errand> errand = std::exchange(errand_, nullptr);
    if (errand)
        errand->answerAll(lost);
    for (const auto& weak : std::exchange(batches_, {}))
        if (const auto batch = weak.lock()) {
            std::ranges::fill(batch->tickets, lost);
            batch->answerNow();
        }
}

void Machine::proceed(const std::shared_ptr<Errand>& errand) {
    const bool last = errand->next + 1 == errand->plan.size();
    manager_.perform(errand->plan[errand->next], [this, errand, last](const Ticket& ticket) {
        if (last) {
            queued(errand, ticket);
            return;
        }
        if (errand != errand_)
            return;
        // A reset that did not work shows in the start that follows: that one's error is the one to tell.
        ++errand->next;
        proceed(errand);
    });
}

void Machine::queued(const std::shared_ptr<Errand>& errand, const Ticket& ticket) {
    if (errand == errand_) {
        errand->job = ticket.job;
        const auto ended =
            std::ranges::find(endedJobs_, ticket.job, [](const auto& entry) { return entry.first; });
        if (!ticket.ok()) {
            errand_.reset();
            publish();
        } else if (ended != endedJobs_.end()) {
            finish(*errand, ended->second);
        }
    }
    errand->answerAll(ticket);
}

void Machine::jobRemoved(const std::string& unit, const std::string& job, const std::string& result) {
    endedJobs_.emplace_back(job, result);
    if (endedJobs_.size() > rememberedJobs)
        endedJobs_.pop_front();
    if (unit != targetName) {
        // It lies down because what it needs did not come up, and systemd will not try it again.
        if (result == "dependency")
            stranded_.insert(unit);
        if (const auto restart = restarts_.find(unit);
            restart != restarts_.end() && restart->second == job) {
            restarts_.erase(restart);
            publish();
        }
        return;
    }
    if (errand_ && errand_->job == job) {
        finish(*std::shared_ptr<Errand>(errand_), result);
        return;
    }
    // Somebody else's start, with systemctl.
    if (endedBadly(result)) {
        startFailure_ = result;
        publish();
    }
}

void Machine::finish(const Errand& errand, const std::string& result) {
    if (errand.request != Request::stop && endedBadly(result))
        startFailure_ = result;
    errand_.reset();
    publish();
}

void Machine::setParts(std::vector<PartView> parts) {
    Snapshot after;
    after.world = snapshot_.world;
    for (const PartView& former : snapshot_.world.parts)
        if (std::ranges::find(after.world.vanished, former.part, &Vanished::part) ==
            after.world.vanished.end())
            after.world.vanished.push_back({former.part, now()});
    after.world.parts = std::move(parts);
    after.discovered = snapshot_.discovered;
    publish(std::move(after));
}

void Machine::reconsider() {
    publish();
}

void Machine::unitsDiscovered(UnitView target, std::vector<UnitView> units) {
    if (surroundings_.onFailure)
        onFailure_ = surroundings_.onFailure();
    // A signal may have been lost with systemd's connection: a job that is not there any more has ended.
    if (errand_ && !errand_->job.empty() && target.job.empty())
        errand_.reset();
    std::erase_if(restarts_, [](const auto& restart) { return !restart.second.empty(); });
    Snapshot after;
    after.world = {std::move(target), std::move(units), snapshot_.world.parts, snapshot_.world.vanished};
    after.discovered = true;
    // At first the state began before we looked; the target's last change is the best that is known of it.
    const double changedAt = static_cast<double>(after.world.target.stateChangeUsec) * microsecond;
    if (!known_)
        after.since = changedAt > 0 ? changedAt : now();
    publish(std::move(after));
}

void Machine::unitsChanged(UnitView target, std::vector<UnitView> units) {
    if (target.activeState == "active" || target.job == "start") {
        startFailure_.clear();
        // Our own stop is on its way while it is still up.
        stoppedForFailure_ = stoppedForFailure_ && (target.job.empty() || target.job == "stop");
    }
    Snapshot after;
    after.world = {std::move(target), std::move(units), snapshot_.world.parts, snapshot_.world.vanished};
    after.discovered = snapshot_.discovered;
    publish(std::move(after));
}

Intent Machine::intent() const {
    Intent intent;
    intent.startPending = errand_ && errand_->request != Request::stop;
    intent.stopPending = errand_ && errand_->request == Request::stop;
    intent.restartPending = errand_ && errand_->request == Request::restart;
    intent.startFailure = startFailure_;
    intent.stoppedForFailure = stoppedForFailure_;
    intent.repairs = repairs_.repairs();
    return intent;
}

void Machine::publish() {
    Snapshot after;
    after.world = snapshot_.world;
    after.discovered = snapshot_.discovered;
    publish(std::move(after));
}

void Machine::publish(Snapshot after) {
    forgetReturned(after.world);
    const World before = snapshot_.world;
    // The ladder is planned before the verdict that names it, and climbed after.
    std::vector<Action> repairs;
    const Repairs triedBefore = repairs_.repairs();
    if (after.discovered && !errand_ && onFailure_ == OnFailure::degrade)
        repairs = repairs_.due(after.world, now());
    Verdict verdict = judge(after.world, intent(), now());
    after.state = verdict.state;
    after.reasons = std::move(verdict.reasons);
    after.reason = joinReasons(after.reasons);
    after.nextStep = std::move(verdict.nextStep);
    after.awaited = std::move(verdict.awaited);
    after.repairs = repairs_.repairs();
    std::erase_if(restarts_,
                  [&](const auto& restart) { return unitNamed(after.world, restart.first) == nullptr; });
    for (const auto& [unit, job] : restarts_)
        after.restarting.insert(unit);
    countComebacks(after);
    if (known_ || !after.discovered)
        after.since = after.state == snapshot_.state ? snapshot_.since : now();
    known_ = known_ || after.discovered;
    if (!changed(snapshot_, after)) {
        snapshot_.world.vanished = std::move(after.world.vanished);
    } else {
        const Snapshot former = std::exchange(snapshot_, std::move(after));
        for (const Observer& observer : observers_)
            observer(former, snapshot_);
    }
    // What is repaired, not what is started with it.
    for (const auto& [unit, repair] : repairs_.repairs())
        if (const auto former = triedBefore.find(unit);
            repair.tried > (former == triedBefore.end() ? 0 : former->second.tried))
            note("repair", unit, "repairing " + std::string(shortName(unit)));
    perform(repairs);
    act(before);
    std::optional<double> next = repairs_.nextDue();
    for (const Vanished& gone : snapshot_.world.vanished)
        if (const double missed = gone.since + missedAfterSeconds;
            missed > now() && (!next || missed < *next))
            next = missed;
    if (surroundings_.alarm && next != alarm_)
        surroundings_.alarm(next);
    alarm_ = next;
}

void Machine::countComebacks(Snapshot& after) const {
    after.comebacks = snapshot_.comebacks;
    for (const UnitView& unit : after.world.units) {
        const UnitView* former = unitNamed(snapshot_.world, unit.name);
        if (former != nullptr && unit.restarts > former->restarts)
            after.comebacks[unit.name] += unit.restarts - former->restarts;
    }
}

} // namespace stinky::core
