#pragma once

#include "core/state.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::core {

/// The unit that is the stack.
inline constexpr std::string_view targetName = "stinky.target";

/// Seconds after which a status file that was not written again means a part that hangs. Parts write every
/// 10 s.
inline constexpr double staleAfterSeconds = 30.0;

/// Why the stack cares about a unit.
enum class Role {
    member,   ///< the target pulls it in: the stack is not whole without it
    bound,    ///< PartOf= the target and not wanted by it: it goes down with the stack and is not missed
    attached, ///< belongs to the machine and serves the stack: a GPS port; it may be there or not
    device    ///< a device that parts are bound to: it comes and goes
};

/// "member", "bound", "attached" or "device".
const char* toString(Role role) noexcept;

/// One unit in systemd's own words (org.freedesktop.systemd1.Unit and .Service).
struct UnitView {
    std::string name; ///< "stinky-scan.service"
    std::string description;
    std::string loadState;   ///< "loaded", "not-found", "masked", "bad-setting", "error"
    std::string activeState; ///< "active", "inactive", "activating", "deactivating", "failed", "reloading"
    std::string subState;    ///< "running", "dead", "auto-restart", ...
    std::string result;      ///< "success", "exit-code", "timeout", ...; of services only
    std::string statusText;  ///< the last STATUS= of the service
    std::string job;         ///< type of the job that is queued for it: "start", "stop", ...; empty for none
    std::uint32_t restarts = 0; ///< by systemd itself since the last start that was asked for
    std::uint32_t mainPid = 0;
    /// How the main process ended the last time: an exit status, or the number of the signal when `killed`.
    std::int32_t exitStatus = 0;
    bool killed = false;
    std::uint64_t activeEnterUsec = 0; ///< CLOCK_MONOTONIC, 0 for never
    std::uint64_t stateChangeUsec = 0; ///< CLOCK_MONOTONIC, 0 for never
    bool conditionMet = true;          ///< when it was last to start
    std::uint64_t conditionUsec = 0;   ///< when that was, CLOCK_MONOTONIC, 0 for never
    Role role = Role::member;
    /// What it cannot be without: devices and units of ours, of BindsTo= and Requires=.
    std::vector<std::string> needs = {};

    /// systemd could read its file, or has not said yet.
    bool loaded() const noexcept { return loadState == "loaded" || loadState.empty(); }

    /// A condition of its own kept it from starting: it is not meant to run.
    bool skipped() const noexcept { return !conditionMet && conditionUsec > 0; }

    bool operator==(const UnitView&) const = default;
};

/// What a part wrote into its status file; or, for a file that cannot be read, a fault that says why.
struct PartView {
    std::string part; ///< "scan", "gps@ttyUSB0"
    PartHealth health = PartHealth::waiting;
    std::string reason;
    double writtenAt = 0;            ///< seconds of CLOCK_MONOTONIC
    std::optional<double> inputAge;  ///< seconds, at the time of writing
    std::optional<double> outputAge; ///< seconds, at the time of writing
    std::string counters = "{}";     ///< a JSON object, carried along unread
    bool eventDriven = false;        ///< it writes when something changes and not otherwise

    /// A part that has not written for 30 s, or claims to write in the future (`now`: seconds of
    /// CLOCK_MONOTONIC).
    bool staleAt(double now) const noexcept {
        return (!eventDriven && now - writtenAt > staleAfterSeconds) || writtenAt - now > 1.0;
    }

    bool operator==(const PartView&) const = default;
};

/// A report that is gone while its unit claims to run.
struct Vanished {
    std::string part;
    double since = 0; ///< seconds of CLOCK_MONOTONIC

    bool operator==(const Vanished&) const = default;
};

/// Seconds after which a report that is gone is missed: a part that ends takes it along before systemd tells
/// of the end.
inline constexpr double missedAfterSeconds = 3.0;

/// Everything that is known from outside, as it was last told.
struct World {
    UnitView target;
    std::vector<UnitView> units;
    std::vector<PartView> parts;
    /// Parts whose file went while their unit runs on.
    std::vector<Vanished> vanished = {};
};

/// "stinky-scan" for "stinky-scan.service": how people read a unit's name.
std::string_view shortName(std::string_view unitName) noexcept;

/// "tak" for "stinky-tak.service", "radio@wlan2" for "stinky-radio@wlan2.service": the name of the part that
/// a unit runs.
std::string_view partNameOf(std::string_view unitName) noexcept;

/// "tak" for "stinky-tak.service", "radio" for "stinky-radio@wlan2.service".
std::string_view kindOf(std::string_view unitName) noexcept;

/// A part without which the sensor does not do its work: the radio, a scanner, a converter to TAK.
bool isCritical(std::string_view unitName) noexcept;

/// A part that is nice to have: the sensor is whole when it has failed.
bool isOptional(std::string_view unitName) noexcept;

/// The unit of that very name, devices too; null when there is none.
const UnitView* unitNamed(const World& world, std::string_view name);

/// The unit that a person means: its name, its name without ".service", its part's name, or its kind when
/// there is only one of it. Null when there is none, and for devices.
const UnitView* findUnit(const World& world, std::string_view name);

/// True when the status file of `part` is written by the unit `unitName`: "scan" by stinky-scan.service,
/// "radio", "radio@wlan2" and "radio-wlan2" by stinky-radio@wlan2.service.
bool partBelongsTo(std::string_view part, std::string_view unitName);

/// The part written by a unit; null when there is none. A file named for the instance wins over one for the
/// kind.
const PartView* partOf(const UnitView& unit, const std::vector<PartView>& parts);

} // namespace stinky::core
