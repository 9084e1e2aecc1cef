#include "core/machine.h"

#include <algorithm>

namespace stinky::core {
namespace {

constexpr std::size_t rememberedJobs = 16;
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
    auto& list = world.vanished;
    std::ranges::sort(list);
    list.erase(std::unique(list.begin(), list.end()), list.end());
    std::erase_if(list, [&](const std::string& name) { return !missed(name); });
}

bool changed(const Snapshot& a, const Snapshot& b) {
    return a.state != b.state || a.reasons != b.reasons || a.discovered != b.discovered ||
           a.world.target != b.world.target || a.world.units != b.world.units ||
           a.world.parts != b.world.parts;
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

std::vector<Action> planFor(Request request, const World& world) {
    std::vector<Action> plan;
    if (request != Request::stop)
        for (const UnitView& unit : world.units)
            if (unit.activeState == "failed")
                plan.push_back({Action::Kind::resetFailed, unit.name});
    const auto kind = request == Request::start  ? Action::Kind::start
                      : request == Request::stop ? Action::Kind::stop
                                                 : Action::Kind::restart;
    plan.push_back({kind, std::string(targetName)});
    return plan;
}

Machine::Machine(ServiceManager& manager, Clock clock) : manager_(manager), clock_(std::move(clock)) {}

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
    const std::shared_ptr<Errand> mine = errand_;
    publish();
    // One whose job call is out is answered by that; one that still resets failed units never gets to it.
    if (overtaken && overtaken->next + 1 < overtaken->plan.size())
        overtaken->answerAll(
            {{}, supersededError, std::string("overtaken by a later ") + toString(request)});
    proceed(mine);
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
    if (unit != targetName)
        return;
    endedJobs_.emplace_back(job, result);
    if (endedJobs_.size() > rememberedJobs)
        endedJobs_.pop_front();
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
        after.world.vanished.push_back(former.part);
    after.world.parts = std::move(parts);
    after.discovered = snapshot_.discovered;
    publish(std::move(after));
}

void Machine::reconsider() {
    publish();
}

void Machine::unitsDiscovered(UnitView target, std::vector<UnitView> units) {
    // A signal may have been lost with systemd's connection: a job that is not there any more has ended.
    if (errand_ && !errand_->job.empty() && target.job.empty())
        errand_.reset();
    Snapshot after;
    after.world = {std::move(target), std::move(units), snapshot_.world.parts, snapshot_.world.vanished};
    after.discovered = true;
    // At first the state began before we looked; the target's last change is the best that is known of it.
    const double changedAt = static_cast<double>(after.world.target.stateChangeUsec) * microsecond;
    if (!snapshot_.discovered)
        after.since = changedAt > 0 ? changedAt : now();
    publish(std::move(after));
}

void Machine::unitsChanged(UnitView target, std::vector<UnitView> units) {
    if (target.activeState == "active" || target.job == "start")
        startFailure_.clear();
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
    Verdict verdict = judge(after.world, intent(), now());
    after.state = verdict.state;
    after.reasons = std::move(verdict.reasons);
    after.reason = joinReasons(after.reasons);
    if (snapshot_.discovered || !after.discovered)
        after.since = after.state == snapshot_.state ? snapshot_.since : now();
    if (!changed(snapshot_, after))
        return;
    const Snapshot before = std::exchange(snapshot_, std::move(after));
    for (const Observer& observer : observers_)
        observer(before, snapshot_);
}

} // namespace stinky::core
