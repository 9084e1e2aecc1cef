#pragma once

#include "core/judge.h"
#include "core/plan.h"
#include "core/service_manager.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace stinky::core {

/// What the controller knows and thinks at one moment: what D-Bus, the web and the journal show.
struct Snapshot {
    State state = State::inactive;
    std::string reason;               ///< one line; empty when there is nothing to say
    std::vector<std::string> reasons; ///< the same, all of them
    std::string nextStep;             ///< what a person can do about it; empty when there is nothing to do
    std::vector<Awaited> awaited;     ///< whom a start or stop waits for
    double since = 0;                 ///< seconds of CLOCK_MONOTONIC at which `state` began
    bool discovered = false;          ///< false until systemd has told everything once
    World world;
    Repairs repairs;
    /// By unit, how often it came up again without being asked to, as far as the controller has seen:
    /// systemd's own count starts anew with each start that is asked for.
    std::map<std::string, unsigned> comebacks;
    /// Units whose restart was asked for here and is not over: systemd may not have told of its job yet.
    std::set<std::string> restarting;
};

/// What the settings say about a critical part that ends in `failed`.
enum class OnFailure { degrade, stop };

/// Something that the machine did by itself, for the journal.
struct Note {
    std::string event; ///< "repair", "device-back", "need-back", "stopped-for-failure", "stop-refused"
    std::string unit;
    std::string text;
};

/// What the machine needs of its surroundings; each may be left out.
struct Surroundings {
    /// Asked with each discovery, so that a daemon-reload applies a new setting.
    std::function<OnFailure()> onFailure = {};
    /// Told when reconsider() is to be called, in seconds of CLOCK_MONOTONIC; nothing: not by itself.
    std::function<void(std::optional<double>)> alarm = {};
    std::function<void(const Note&)> note = {};
};

/// Joins requests, systemd's news and the parts' reports to one truth, and publishes each change of it. It
/// keeps no belief about units of its own: those are replaced by what systemd says.
class Machine final : public ServiceManager::Listener {
public:
    /// Seconds of CLOCK_MONOTONIC.
    using Clock = std::function<double()>;
    using Observer = std::function<void(const Snapshot& before, const Snapshot& after)>;
    using Answer = std::function<void(const Ticket&)>;
    using TicketsAnswer = std::function<void(const std::vector<Ticket>&)>;

    Machine(ServiceManager& manager, Clock clock, Surroundings surroundings = {});

    /// Carries a request out. `answer` is called once: when systemd has queued the job, or refused it, or
    /// when a later contradicting request came first. A request like the one under way joins it.
    void request(Request request, Answer answer);
    /// Restarts single units, those that are down too. Names as findUnit() takes them. `answer` is called
    /// once, with a ticket for each name in order; one that is no unit of ours gets the error
    /// unknownUnitError, and then nothing is restarted.
    void restartUnits(const std::vector<std::string>& names, TicketsAnswer answer);
    /// The way to systemd is cut: what was asked for and not answered is refused. A discovery follows when
    /// it is there again.
    void managerLost();
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

    struct Batch;

    void forgetStarts(Request request);
    void forgetStartsOf(const UnitView& unit);
    void forgetStartsOfStopped();
    void restartQueued(const std::string& unit, const Ticket& ticket);
    void proceed(const std::shared_ptr<Errand>& errand);
    void queued(const std::shared_ptr<Errand>& errand, const Ticket& ticket);
    void finish(const Errand& errand, const std::string& result);
    Intent intent() const;
    void publish();
    /// Fills in the verdict and tells the observers, if anything differs from the last snapshot.
    void publish(Snapshot after);
    void countComebacks(Snapshot& after) const;
    /// What the machine does by itself: repairs, what a device that is back allows, ON_FAILURE=stop.
    void act(const World& before);
    void reviveWhatDevicesAllow(const World& before);
    void reviveStranded();
    void stopForFailure();
    void perform(const std::vector<Action>& actions);
    void note(const char* event, const std::string& unit, std::string text) const;

    ServiceManager& manager_;
    Clock clock_;
    Surroundings surroundings_;
    std::vector<Observer> observers_;
    Snapshot snapshot_;
    std::shared_ptr<Errand> errand_; ///< the request under way; null when none is
    std::string startFailure_;
    bool stoppedForFailure_ = false;
    OnFailure onFailure_ = OnFailure::degrade;
    RepairBook repairs_;
    std::optional<double> alarm_; ///< as it was told last
    /// Failed units for which the stop was asked for: once each, for systemd may refuse it.
    std::set<std::string> answeredFailures_;
    std::set<std::string> stranded_; ///< units whose start ended because what they need did not come up
    /// By unit, since when it was as it is when systemd was last told to forget its starts
    /// (UnitView::stateChangeUsec): none came since, if it still is.
    std::map<std::string, std::uint64_t> forgottenStarts_;
    bool acting_ = false;
    bool known_ = false;                        ///< systemd has told everything at least once
    std::vector<std::weak_ptr<Batch>> batches_; ///< restarts that systemd has not answered
    /// By unit, the job of the restart that was asked for; empty until systemd has answered.
    std::map<std::string, std::string> restarts_;
    /// Jobs that ended lately and their results: a job may be over before its number has reached us.
    std::deque<std::pair<std::string, std::string>> endedJobs_;
};

/// The error of a name that is none of the stack's units.
inline constexpr const char* unknownUnitError = "org.stinky.Error.NoSuchUnit";
/// The error of a request that was under way when the bus went away.
inline constexpr const char* managerLostError = "org.stinky.Error.Disconnected";

} // namespace stinky::core
