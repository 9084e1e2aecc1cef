#pragma once

#include "core/world.h"

#include <functional>
#include <string>
#include <vector>

namespace stinky::core {

/// A call to the service manager.
struct Action {
    enum class Kind { resetFailed, start, stop, restart };
    Kind kind = Kind::start;
    std::string unit;

    bool operator==(const Action&) const = default;
};

/// What became of an action: a job, or an error for people.
struct Ticket {
    std::string job;       ///< object path of the job; empty after resetFailed and on error
    std::string errorName; ///< D-Bus error name; empty when all went well
    std::string error;     ///< for people

    bool ok() const noexcept { return errorName.empty(); }
};

/// The error of a request that a later, contradicting one has overtaken.
inline constexpr const char* supersededError = "org.stinky.Error.Superseded";

/// The machine's only way to act: systemd, or a fake in tests.
class ServiceManager {
public:
    using Done = std::function<void(const Ticket&)>;

    /// Who hears what happens. Views are complete each time; names are unique.
    class Listener {
    public:
        virtual ~Listener() = default;
        /// Everything was read anew: at the start, after daemon-reload, after systemd was re-executed.
        virtual void unitsDiscovered(UnitView target, std::vector<UnitView> units) = 0;
        virtual void unitsChanged(UnitView target, std::vector<UnitView> units) = 0;
        /// `result` as in systemd's JobRemoved: "done", "failed", "canceled", "dependency", "timeout",
        /// "skipped".
        /// Comes after the change of the units that it is the end of.
        virtual void jobRemoved(const std::string& unit, const std::string& job,
                                const std::string& result) = 0;
    };

    virtual ~ServiceManager() = default;
    /// Calls `done` exactly once, never before it returns.
    virtual void perform(const Action& action, Done done) = 0;
};

} // namespace stinky::core
