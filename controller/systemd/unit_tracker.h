#pragma once

#include "common/bus.h"
#include "core/world.h"
#include "systemd/unit_properties.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace stinky::systemd {

inline constexpr const char* managerPath = "/org/freedesktop/systemd1";
inline constexpr const char* managerInterface = "org.freedesktop.systemd1.Manager";
inline constexpr const char* systemdName = "org.freedesktop.systemd1";
inline constexpr std::chrono::seconds readDeadline{10};

/// Follows single units: their properties by signal, the first reading by call, the types of their jobs.
/// What it holds is what systemd last said, in the order in which it said it.
class UnitTracker {
public:
    /// `sender` is the bus name that signals must come from; empty on a connection without a bus daemon.
    /// `changed` is called after changes of views, each time that settled() is true: a unit with a job of
    /// unknown kind may be about to come up or to go down, and a picture of it would be a guess.
    UnitTracker(sd_bus* bus, std::string sender, std::function<void()> changed);

    /// Follows a unit from now on (it is not read yet); of one that is followed, sets the role.
    void track(const std::string& unit, core::Role role);
    void untrack(const std::string& unit);
    /// Forgets all units that are not in `units`.
    void retain(const std::set<std::string>& units);

    bool tracks(const std::string& unit) const { return units_.contains(unit); }

    /// Reads a followed unit; `done` is called once, with what a reading of the target tells of its members
    /// (nothing of a unit that does not exist or is followed no more), or null when it failed.
    void refresh(const std::string& unit, std::function<void(const UnitExtras*)> done);
    /// systemd has unloaded it: nothing runs, nothing failed.
    void setUnloaded(const std::string& unit);
    void setJob(const std::string& unit, const std::string& jobPath);
    void clearJob(const std::string& unit, const std::string& jobPath);

    /// The types of all queued jobs are known. They are asked for as jobs turn up.
    bool settled() const noexcept { return unreadJobs_ == 0; }

    /// Null for a unit that is not followed.
    const core::UnitView* view(const std::string& unit) const;
    core::UnitView targetView() const;
    /// All but the target, by name.
    std::vector<core::UnitView> otherViews() const;

private:
    struct Tracked {
        core::UnitView view;
        std::string jobPath = "/";
        bus::Slot match;
    };

    void onPropertiesChanged(const std::string& unit, sd_bus_message* message);
    void onUnitRead(const std::string& unit, sd_bus_message* reply,
                    const std::function<void(const UnitExtras*)>& done);
    void readService(const std::string& unit, const std::function<void()>& done);
    void onServiceProperty(const std::string& unit, const char* property, sd_bus_message* reply);
    void tell();
    Tracked* find(const std::string& unit);
    void get(const std::string& path, const char* interface, const char* property, bus::Handler handler);

    sd_bus* bus_;
    std::string sender_;
    std::function<void()> changed_;
    std::map<std::string, Tracked> units_;
    std::size_t unreadJobs_ = 0;
    bus::Calls calls_;
};

} // namespace stinky::systemd
