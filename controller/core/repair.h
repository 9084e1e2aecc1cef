#pragma once

#include "core/service_manager.h"
#include "core/world.h"

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stinky::core {

/// One step of the repair of a part that systemd has given up.
struct Rung {
    double after;   ///< seconds since it failed
    bool withNeeds; ///< the parts that it needs are restarted too
};

/// After the last one the part stays failed until a person or a device comes.
inline constexpr std::array<Rung, 3> repairLadder = {{{30, false}, {120, true}, {600, true}}};

/// A part that runs this long after a repair counts as mended: its ladder begins anew.
inline constexpr double mendedAfterSeconds = 600;

/// How far the repair of one part has come.
struct RepairState {
    unsigned tried = 0;
    std::optional<double> due = {}; ///< seconds of CLOCK_MONOTONIC; nothing when none is planned

    bool exhausted() const noexcept { return tried >= repairLadder.size() && !due; }

    bool operator==(const RepairState&) const = default;
};

using Repairs = std::map<std::string, RepairState>; ///< by unit

/// Plans and counts the repairs of parts that ended in `failed` while the target is up. Pure: time comes in
/// with each call.
class RepairBook {
public:
    /// What is to be done now, in order. Takes note of the picture and plans the next steps.
    std::vector<Action> due(const World& world, double now);

    /// A person has asked for a start: all ladders begin anew.
    void forget() { entries_.clear(); }

    /// A device that `unit` needs has come back: its ladder begins anew.
    void forget(const std::string& unit) { entries_.erase(unit); }

    /// When due() wants to be called again; nothing when a change of the picture is enough.
    std::optional<double> nextDue() const;

    Repairs repairs() const;

private:
    struct Entry {
        RepairState state;
        double triedAt = 0;
    };

    std::map<std::string, Entry> entries_;
};

/// The parts that need `name` (a unit or a device), directly or through others, and go down with it. Only
/// units that are no devices.
std::vector<const UnitView*> dependentsOf(const World& world, std::string_view name);

/// The parts that need `name` (a unit or a device), directly or through others, and lie down: failed, or
/// inactive without a job. Of units that are attached only those that failed.
std::vector<const UnitView*> downFor(const World& world, std::string_view name);

/// The calls that bring these units up: what failed is reset, then all are started.
std::vector<Action> reviveActions(const std::vector<const UnitView*>& units);

} // namespace stinky::core
