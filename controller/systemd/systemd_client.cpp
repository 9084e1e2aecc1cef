#include "systemd/systemd_client.h"

#include "common/error.h"
#include "common/log.h"

#include <map>
#include <utility>

namespace stinky::systemd {
namespace {

// Longer than systemd's own wait for polkit.
constexpr std::chrono::seconds jobDeadline{30};
constexpr std::chrono::seconds retryInterval{5};
// After that long the end of a reload was missed.
constexpr std::chrono::seconds longestReload{90};
constexpr std::size_t mostSeen = 256;
constexpr const char* attachedPattern = "stinky-gps@*.service";

std::string managerRule(const char* member) {
    return std::string("type='signal',interface='") + managerInterface + "',path='" + managerPath +
           "',member='" + member + "'";
}

const char* methodOf(core::Action::Kind kind) {
    switch (kind) {
    case core::Action::Kind::resetFailed:
        return "ResetFailedUnit";
    case core::Action::Kind::start:
        return "StartUnit";
    case core::Action::Kind::stop:
        return "StopUnit";
    case core::Action::Kind::restart:
        return "RestartUnit";
    }
    return "StartUnit";
}

core::Ticket ticketOf(sd_bus_message* reply, bool hasJob) {
    const bus::Failure failure = bus::failureOf(reply);
    if (!failure.name.empty())
        return {{}, failure.name, failure.text};
    const char* job = "";
    if (hasJob && sd_bus_message_read(reply, "o", &job) < 0)
        return {{}, SD_BUS_ERROR_FAILED, "systemd's answer is malformed"};
    return {job, {}, {}};
}

/// What the target wants is missed when it does not run. What is only PartOf= it goes down with it: another
/// unit may have loaded it by naming it, such as the scanner of a sensor that has none.
void takeNames(const UnitExtras& target, std::map<std::string, core::Role>& units) {
    for (const auto* list : {&target.wants, &target.required})
        for (const std::string& name : *list)
            if (isPartName(name))
                units[name] = core::Role::member;
    for (const std::string& name : target.partOfIt)
        if (isPartName(name))
            units.try_emplace(name, core::Role::bound);
}

} // namespace

bool isPartName(std::string_view unit) noexcept {
    return unit.starts_with("stinky-") && !unit.starts_with("stinky-controller.");
}

bool isAttachedName(std::string_view unit) noexcept {
    return unit.starts_with("stinky-gps@") && unit.ends_with(".service");
}

/// One reading of everything.
struct SystemdClient::Discovery {
    std::map<std::string, core::Role> units;
    std::size_t outstanding = 0; ///< replies that are still to come
    std::string failure;         ///< for people; empty while all is well
    bool known = false;          ///< the names are, and the units are being read
    bool unitsRead = false;      ///< the units are, and the devices that they need are being read
    bool read = false;           ///< all is read; perhaps not yet the types of the jobs
};

SystemdClient::SystemdClient(EventLoop& loop, sd_bus* bus, std::string sender)
    : bus_(bus),
      sender_(std::move(sender)),
      tracker_(bus, sender_, [this] { changed(); }),
      retry_(loop.addTimer(std::chrono::seconds(1), "systemd discovery", [this] { discover(); })),
      calls_(bus) {}

void SystemdClient::start(Listener& listener) {
    listener_ = &listener;
    const auto onUnit = [](sd_bus_message* signal) {
        const char* unit = nullptr;
        checked(sd_bus_message_read(signal, "s", &unit), "read", "a signal of systemd");
        return std::string(unit);
    };
    addMatch(managerRule("UnitNew"), sender_, [this, onUnit](sd_bus_message* m) { onUnitNew(onUnit(m)); });
    addMatch(managerRule("UnitRemoved"), sender_,
             [this, onUnit](sd_bus_message* m) { onUnitRemoved(onUnit(m)); });
    addMatch(managerRule("JobRemoved"), sender_, [this](sd_bus_message* m) { onJobRemoved(m); });
    addMatch(managerRule("JobNew"), sender_, [this](sd_bus_message* m) {
        const char* job = nullptr;
        const char* unit = nullptr;
        checked(sd_bus_message_read(m, "uos", nullptr, &job, &unit), "read", "JobNew");
        tracker_.setJob(unit, job);
    });
    addMatch(managerRule("Reloading"), sender_, [this](sd_bus_message* m) {
        int active = 0;
        checked(sd_bus_message_read(m, "b", &active), "read", "Reloading");
        // systemd throws all units away and makes them anew, and says so of each: nothing of that is news.
        away_ = active != 0;
        if (away_) {
            retry_.arm(longestReload);
        } else {
            seen_.clear();
            discover();
        }
    });
    addMatch(std::string("type='signal',interface='org.freedesktop.DBus',member='NameOwnerChanged',arg0='") +
                 systemdName + "'",
             sender_.empty() ? "" : "org.freedesktop.DBus", [this](sd_bus_message* m) {
                 const char* owner = nullptr;
                 checked(sd_bus_message_read(m, "sss", nullptr, nullptr, &owner), "read",
                         "NameOwnerChanged");
                 away_ = *owner == '\0';
                 if (!away_)
                     discover();
             });
    discover();
}

void SystemdClient::addMatch(const std::string& rule, const std::string& sender, bus::Handler handler) {
    matches_.push_back(
        bus::addMatch(bus_, sender.empty() ? rule : rule + ",sender='" + sender + "'", std::move(handler)));
}

void SystemdClient::discover() {
    if (discovery_) {
        again_ = true;
        return;
    }
    again_ = false;
    away_ = false;
    retry_.disarm();
    discovery_ = std::make_shared<Discovery>();
    discovery_->outstanding = 3;
    subscribe();

    const std::string target(core::targetName);
    tracker_.track(target, core::Role::member);
    tracker_.refresh(target, [this, discovery = discovery_](const UnitExtras* extras) {
        if (extras == nullptr)
            discovery->failure = "stinky.target cannot be read";
        else
            takeNames(*extras, discovery->units);
        onStep(discovery);
    });

    const auto list = bus::newCall(bus_, systemdName, managerPath, managerInterface, "ListUnitsByPatterns");
    checked(sd_bus_message_append(list.get(), "asas", 0, 1, attachedPattern), "ask for units");
    calls_.send(list.get(), readDeadline,
                [this, discovery = discovery_](sd_bus_message* reply) { onListed(reply, discovery); });
}

void SystemdClient::subscribe() {
    const auto call = bus::newCall(bus_, systemdName, managerPath, managerInterface, "Subscribe");
    calls_.send(call.get(), readDeadline, [this, discovery = discovery_](sd_bus_message* reply) {
        const bus::Failure failure = bus::failureOf(reply);
        if (failure.name != "org.freedesktop.systemd1.AlreadySubscribed" && !failure.name.empty())
            discovery->failure = failure.text;
        onStep(discovery);
    });
}

void SystemdClient::onListed(sd_bus_message* reply, const std::shared_ptr<Discovery>& discovery) {
    const bus::Failure failure = bus::failureOf(reply);
    if (!failure.name.empty()) {
        discovery->failure = failure.text;
    } else {
        int more = sd_bus_message_enter_container(reply, 'a', "(ssssssouso)");
        const char* name = nullptr;
        while (more > 0 && (more = sd_bus_message_enter_container(reply, 'r', "ssssssouso")) > 0) {
            more = sd_bus_message_read(reply, "s", &name);
            if (more > 0 && isAttachedName(name))
                discovery->units.try_emplace(name, core::Role::attached);
            if (more > 0)
                more = sd_bus_message_skip(reply, "sssssouso");
            if (more >= 0)
                more = sd_bus_message_exit_container(reply);
        }
        if (more < 0)
            discovery->failure = "systemd's list of units is malformed";
    }
    onStep(discovery);
}

void SystemdClient::onMembersKnown(const std::shared_ptr<Discovery>& discovery) {
    std::set<std::string> all = {std::string(core::targetName)};
    for (const auto& [name, role] : discovery->units)
        all.insert(name);
    tracker_.retain(all);
    discovery->outstanding = discovery->units.size() + 1;
    for (const auto& [unit, role] : discovery->units) {
        tracker_.track(unit, role);
        tracker_.refresh(unit, [this, discovery, unit = unit](const UnitExtras* extras) {
            onRead(discovery, unit, extras != nullptr);
        });
    }
    onStep(discovery);
}

void SystemdClient::onUnitsRead(const std::shared_ptr<Discovery>& discovery) {
    const std::set<std::string> devices = untrackedDevices();
    discovery->outstanding = devices.size() + 1;
    for (const std::string& device : devices) {
        tracker_.track(device, core::Role::device);
        tracker_.refresh(device, [this, discovery, device](const UnitExtras* extras) {
            onRead(discovery, device, extras != nullptr);
        });
    }
    onStep(discovery);
}

void SystemdClient::onRead(const std::shared_ptr<Discovery>& discovery, const std::string& unit, bool read) {
    // A unit of which nothing is known must not pass for one that is stopped.
    if (!read)
        discovery->failure = unit + " cannot be read";
    onStep(discovery);
}

std::set<std::string> SystemdClient::untrackedDevices() const {
    std::set<std::string> devices;
    for (const core::UnitView& unit : tracker_.otherViews())
        for (const std::string& need : unit.needs)
            if (need.ends_with(".device") && !tracker_.tracks(need))
                devices.insert(need);
    return devices;
}

void SystemdClient::onStep(const std::shared_ptr<Discovery>& discovery) {
    if (--discovery->outstanding > 0)
        return;
    if (!discovery->failure.empty()) {
        discovery_.reset();
        if (!std::exchange(failing_, true))
            log::warning("systemd-unreachable",
                         "systemd cannot be asked, trying again: " + discovery->failure);
        retry_.arm(retryInterval);
        return;
    }
    if (!std::exchange(discovery->known, true)) {
        onMembersKnown(discovery);
        return;
    }
    if (!std::exchange(discovery->unitsRead, true)) {
        onUnitsRead(discovery);
        return;
    }
    discovery->read = true;
    changed();
}

void SystemdClient::onUnitNew(const std::string& unit) {
    if (away_)
        return;
    if (tracker_.tracks(unit)) {
        refreshIfLoaded(unit);
    } else if (isAttachedName(unit)) {
        tracker_.track(unit, core::Role::attached);
        refreshIfLoaded(unit);
    } else if (isPartName(unit) && seen_.size() < mostSeen && seen_.insert(unit).second) {
        // Perhaps one that is PartOf= the target and was started by hand. Each name gets one look only:
        // looking makes systemd load units, which makes it say UnitNew.
        discover();
    }
}

void SystemdClient::refreshIfLoaded(const std::string& unit) {
    // A change may hide in UnitNew, so the unit must be read; but reading one that is gone would load it
    // again, and so on for ever. GetUnit does not load.
    const auto call = bus::newCall(bus_, systemdName, managerPath, managerInterface, "GetUnit");
    checked(sd_bus_message_append(call.get(), "s", unit.c_str()), "ask for", unit);
    calls_.send(call.get(), readDeadline, [this, unit](sd_bus_message* reply) {
        if (bus::failureOf(reply).name.empty() && tracker_.tracks(unit))
            tracker_.refresh(unit, [](const UnitExtras*) {});
    });
}

void SystemdClient::onUnitRemoved(const std::string& unit) {
    const core::UnitView* view = tracker_.view(unit);
    if (view == nullptr || away_)
        return;
    if (view->role == core::Role::attached)
        tracker_.untrack(unit);
    else
        tracker_.setUnloaded(unit);
}

void SystemdClient::onJobRemoved(sd_bus_message* signal) {
    const char* job = nullptr;
    const char* unit = nullptr;
    const char* result = nullptr;
    checked(sd_bus_message_read(signal, "uoss", nullptr, &job, &unit, &result), "read", "JobRemoved");
    if (!tracker_.tracks(unit))
        return;
    endedJobs_.push_back({unit, job, result});
    tracker_.clearJob(unit, job);
    if (discovered_ && !discovery_ && !away_ && tracker_.settled())
        deliverEndedJobs();
}

void SystemdClient::changed() {
    // A picture that is being read anew is given whole, not with half of its units still blank.
    if (discovery_ && discovery_->read && tracker_.settled()) {
        discovery_.reset();
        discovered_ = true;
        failing_ = false;
        listener_->unitsDiscovered(tracker_.targetView(), tracker_.otherViews());
        deliverEndedJobs();
        if (again_)
            discover();
    } else if (discovered_ && !discovery_ && !away_) {
        listener_->unitsChanged(tracker_.targetView(), tracker_.otherViews());
        deliverEndedJobs();
    }
}

void SystemdClient::deliverEndedJobs() {
    for (const EndedJob& ended : std::exchange(endedJobs_, {}))
        listener_->jobRemoved(ended.unit, ended.job, ended.result);
}

void SystemdClient::perform(const core::Action& action, Done done) {
    const bool queuesJob = action.kind != core::Action::Kind::resetFailed;
    const auto call = bus::newCall(bus_, systemdName, managerPath, managerInterface, methodOf(action.kind));
    checked(sd_bus_message_append(call.get(), "s", action.unit.c_str()), "name", action.unit);
    if (queuesJob)
        checked(sd_bus_message_append(call.get(), "s", "replace"), "name", action.unit);
    calls_.send(call.get(), jobDeadline, [done = std::move(done), queuesJob](sd_bus_message* reply) {
        done(ticketOf(reply, queuesJob));
    });
}

} // namespace stinky::systemd
