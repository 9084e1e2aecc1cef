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
    member,  ///< the target pulls it in, or it is PartOf= the target
    attached ///< belongs to the machine and serves the stack: a GPS port; it may be there or not
};

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
    std::uint32_t restarts = 0;
    std::uint32_t mainPid = 0;
    std::uint64_t activeEnterUsec = 0; ///< CLOCK_MONOTONIC, 0 for never
    std::uint64_t stateChangeUsec = 0; ///< CLOCK_MONOTONIC, 0 for never
    Role role = Role::member;

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

    /// A part that has not written for 30 s, or claims to write in the future (`now`: seconds of
    /// CLOCK_MONOTONIC).
    bool staleAt(double now) const noexcept {
        return now - writtenAt > staleAfterSeconds || writtenAt - now > 1.0;
    }

    bool operator==(const PartView&) const = default;
};

/// Everything that is known from outside, as it was last told.
struct World {
    UnitView target;
    std::vector<UnitView> units;
    std::vector<PartView> parts;
    /// Parts whose file went while their unit runs on.
    std::vector<std::string> vanished = {};
};

/// "stinky-scan" for "stinky-scan.service": how people read a unit's name.
std::string_view shortName(std::string_view unitName) noexcept;

/// True when the status file of `part` is written by the unit `unitName`: "scan" by stinky-scan.service,
/// "radio", "radio@wlan2" and "radio-wlan2" by stinky-radio@wlan2.service.
bool partBelongsTo(std::string_view part, std::string_view unitName);

/// The part written by a unit; null when there is none. A file named for the instance wins over one for the
/// kind.
const PartView* partOf(const UnitView& unit, const std::vector<PartView>& parts);

} // namespace stinky::core
