#include "systemd/unit_tracker.h"

#include "common/error.h"

#include <memory>
#include <utility>

namespace stinky::systemd {
namespace {

constexpr const char* propertiesInterface = "org.freedesktop.DBus.Properties";
constexpr const char* serviceProperties[] = {"Result",  "StatusText",     "NRestarts",
                                             "MainPID", "ExecMainStatus", "ExecMainCode"};

std::string propertiesRule(const std::string& sender, const std::string& path) {
    std::string rule =
        "type='signal',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged',path='" +
        path + "'";
    return sender.empty() ? rule : rule + ",sender='" + sender + "'";
}

/// What a unit cannot be without, as far as we follow it.
std::vector<std::string> needsOf(const UnitExtras& extras) {
    std::vector<std::string> needs;
    for (const auto* list : {&extras.boundTo, &extras.required})
        for (const std::string& name : *list)
            if (name.ends_with(".device") || (name.starts_with("stinky-") && name.ends_with(".service")))
                needs.push_back(name);
    return needs;
}

void setDown(core::UnitView& view) {
    view.subState = "dead";
    view.result = "success";
    view.statusText.clear();
    view.restarts = 0;
    view.mainPid = 0;
    view.exitStatus = 0;
    view.killed = false;
}

} // namespace

UnitTracker::UnitTracker(sd_bus* bus, std::string sender, std::function<void()> changed)
    : bus_(bus), sender_(std::move(sender)), changed_(std::move(changed)), calls_(bus) {}

void UnitTracker::track(const std::string& unit, core::Role role) {
    const auto [entry, isNew] = units_.try_emplace(unit);
    Tracked& tracked = entry->second;
    tracked.view.role = role;
    if (!isNew)
        return;
    tracked.view.name = unit;
    tracked.view.activeState = "inactive";
    setDown(tracked.view);
    tracked.match =
        bus::addMatch(bus_, propertiesRule(sender_, unitPath(unit)),
                      [this, unit](sd_bus_message* message) { onPropertiesChanged(unit, message); });
}

void UnitTracker::untrack(const std::string& unit) {
    if (units_.erase(unit) > 0)
        tell();
}

void UnitTracker::retain(const std::set<std::string>& units) {
    if (std::erase_if(units_, [&](const auto& entry) { return !units.contains(entry.first); }) > 0)
        tell();
}

UnitTracker::Tracked* UnitTracker::find(const std::string& unit) {
    const auto entry = units_.find(unit);
    return entry == units_.end() ? nullptr : &entry->second;
}

void UnitTracker::onPropertiesChanged(const std::string& unit, sd_bus_message* message) {
    Tracked* tracked = find(unit);
    if (tracked == nullptr)
        return;
    checked(sd_bus_message_skip(message, "s"), "read", "a change of " + unit);
    core::UnitView view = tracked->view;
    const UnitExtras extras = readProperties(message, view);
    const bool news = view != tracked->view;
    tracked->view = std::move(view);
    if (extras.jobPath)
        setJob(unit, *extras.jobPath);
    if (news)
        tell();
}

void UnitTracker::refresh(const std::string& unit, std::function<void(const UnitExtras*)> done) {
    // GetAll by the unit's path makes systemd load a unit that is not: so a stopped stack can be looked at.
    const auto call = bus::newCall(bus_, systemdName, unitPath(unit), propertiesInterface, "GetAll");
    checked(sd_bus_message_append(call.get(), "s", unitInterface), "ask for", unit);
    calls_.send(call.get(), readDeadline, [this, unit, done = std::move(done)](sd_bus_message* reply) {
        onUnitRead(unit, reply, done);
    });
}

void UnitTracker::onUnitRead(const std::string& unit, sd_bus_message* reply,
                             const std::function<void(const UnitExtras*)>& done) {
    Tracked* tracked = find(unit);
    const bus::Failure failure = bus::failureOf(reply);
    if (tracked == nullptr || !failure.name.empty()) {
        const bool none = failure.name == "org.freedesktop.systemd1.NoSuchUnit";
        if (tracked != nullptr && none) {
            tracked->view.loadState = "not-found";
            setUnloaded(unit);
        }
        const UnitExtras nothing;
        done(tracked == nullptr || none ? &nothing : nullptr);
        return;
    }
    core::UnitView view = tracked->view;
    const auto extras = std::make_shared<UnitExtras>();
    try {
        *extras = readProperties(reply, view);
    } catch (const Error&) {
        done(nullptr);
        throw;
    }
    view.needs = needsOf(*extras);
    // Each call to a unit that lies down makes systemd load and drop it again: only what runs is asked for
    // more.
    const bool more = unit.ends_with(".service") && view.activeState != "inactive";
    if (view.activeState == "inactive")
        setDown(view);
    const bool news = view != tracked->view;
    tracked->view = std::move(view);
    setJob(unit, extras->jobPath.value_or("/"));
    if (news)
        tell();
    if (more)
        readService(unit, [done, extras] { done(extras.get()); });
    else
        done(extras.get());
}

void UnitTracker::readService(const std::string& unit, const std::function<void()>& done) {
    const auto left = std::make_shared<std::size_t>(std::size(serviceProperties));
    for (const char* property : serviceProperties) {
        get(unitPath(unit), serviceInterface, property,
            [this, unit, property, left, done](sd_bus_message* reply) {
                const bool last = --*left == 0;
                try {
                    onServiceProperty(unit, property, reply);
                } catch (const Error&) {
                    if (last)
                        done();
                    throw;
                }
                if (last)
                    done();
            });
    }
}

void UnitTracker::onServiceProperty(const std::string& unit, const char* property, sd_bus_message* reply) {
    Tracked* tracked = find(unit);
    // One that stopped meanwhile has no such value: what PropertiesChanged said of it is newer and stands.
    if (tracked == nullptr || !bus::failureOf(reply).name.empty())
        return;
    UnitExtras unused;
    core::UnitView view = tracked->view;
    readProperty(reply, property, view, unused);
    if (view == tracked->view)
        return;
    tracked->view = std::move(view);
    tell();
}

void UnitTracker::get(const std::string& path, const char* interface, const char* property,
                      bus::Handler handler) {
    const auto call = bus::newCall(bus_, systemdName, path, propertiesInterface, "Get");
    checked(sd_bus_message_append(call.get(), "ss", interface, property), "ask for", property);
    calls_.send(call.get(), readDeadline, std::move(handler));
}

void UnitTracker::setUnloaded(const std::string& unit) {
    Tracked* tracked = find(unit);
    if (tracked == nullptr)
        return;
    core::UnitView& view = tracked->view;
    view.activeState = "inactive";
    view.job.clear();
    setDown(view);
    tracked->jobPath = "/";
    tell();
}

void UnitTracker::setJob(const std::string& unit, const std::string& jobPath) {
    Tracked* tracked = find(unit);
    if (tracked == nullptr || tracked->jobPath == jobPath)
        return;
    tracked->jobPath = jobPath;
    if (jobPath == "/") {
        if (!std::exchange(tracked->view.job, {}).empty())
            tell();
        return;
    }
    ++unreadJobs_;
    get(jobPath, "org.freedesktop.systemd1.Job", "JobType", [this, unit, jobPath](sd_bus_message* reply) {
        --unreadJobs_;
        Tracked* owner = find(unit);
        const char* type = nullptr;
        // The job may be over by now, or be another one: then its type says nothing.
        if (owner != nullptr && owner->jobPath == jobPath && bus::failureOf(reply).name.empty() &&
            sd_bus_message_read(reply, "v", "s", &type) >= 0)
            owner->view.job = type;
        tell();
    });
}

void UnitTracker::tell() {
    if (settled())
        changed_();
}

void UnitTracker::clearJob(const std::string& unit, const std::string& jobPath) {
    const Tracked* tracked = find(unit);
    if (tracked != nullptr && tracked->jobPath == jobPath)
        setJob(unit, "/");
}

const core::UnitView* UnitTracker::view(const std::string& unit) const {
    const auto entry = units_.find(unit);
    return entry == units_.end() ? nullptr : &entry->second.view;
}

core::UnitView UnitTracker::targetView() const {
    const core::UnitView* found = view(std::string(core::targetName));
    return found == nullptr ? core::UnitView() : *found;
}

std::vector<core::UnitView> UnitTracker::otherViews() const {
    std::vector<core::UnitView> list;
    for (const auto& [name, tracked] : units_)
        if (name != core::targetName)
            list.push_back(tracked.view);
    return list;
}

} // namespace stinky::systemd
