#pragma once

#include "core/judge.h"
#include "core/service_manager.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stinky::core {

/// What the controller knows and thinks at one moment: what D-Bus, the web and the journal show.
struct Snapshot {
    State state = State::inactive;
    std::string reason;               ///< one line; empty when there is nothing to say
    std::vector<std::string> reasons; ///< the same, all of them
    double since = 0;                 ///< seconds of CLOCK_MONOTONIC at which `state` began
    bool discovered = false;          ///< false until systemd has told everything once
    World world;
};

/// Joins requests, systemd's news and the parts' reports to one truth, and publishes each change of it. It
/// keeps no belief about units of its own: those are replaced by what systemd says.
class Machine final : public ServiceManager::Listener {
public:
    /// Seconds of CLOCK_MONOTONIC.
    using Clock = std::function<double()>;
    using Observer = std::function<void(const Snapshot& before, const Snapshot& after)>;
    using Answer = std::function<void(const Ticket&)>;

    Machine(ServiceManager& manager, Clock clock);

    /// Carries a request out. `answer` is called once: when systemd has queued the job, or refused it, or
    /// when a later contradicting request came first. A request like the one under way joins it.
    void request(Request request, Answer answer);
    /// The parts' status files as they are now.
    void setParts(std::vector<PartView> parts);
    /// Judges again: for the moment at which a report goes stale.
    void reconsider();

    /// Called after every change, in the order of observe(); an observer must not change the machine.
    void observe(Observer observer) { observers_.push_back(std::move(observer)); }

    const Snapshot& snapshot() const noexcept { return snapshot_; }

    double now() const { return clock_(); }

    void unitsDiscovered(UnitView target, std::vector<UnitView> units) override;
    void unitsChanged(UnitView target, std::vector<UnitView> units) override;
    void jobRemoved(const std::string& unit, const std::string& job, const std::string& result) override;

private:
    struct Errand;

    void proceed(const std::shared_ptr<Errand>& errand);
    void queued(const std::shared_ptr<Errand>& errand, const Ticket& ticket);
    void finish(const Errand& errand, const std::string& result);
    Intent intent() const;
    void publish();
    /// Fills in the verdict and tells the observers, if anything differs from the last snapshot.
    void publish(Snapshot after);

    ServiceManager& manager_;
    Clock clock_;
    std::vector<Observer> observers_;
    Snapshot snapshot_;
    std::shared_ptr<Errand> errand_; ///< the request under way; null when none is
    std::string startFailure_;
    /// Jobs that ended lately and their results: a job may be over before its number has reached us.
    std::deque<std::pair<std::string, std::string>> endedJobs_;
};

/// The calls that carry out `request`, in order: what failed is reset first, because systemd's start limit
/// would otherwise refuse the operator who has mended the cause.
std::vector<Action> planFor(Request request, const World& world);

} // namespace stinky::core
