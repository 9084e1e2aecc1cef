#pragma once

#include "core/world.h"

#include <string>

namespace stinky::core {

/// What happened to a unit that is not well, for people and without its name: "ran out of memory", "its
/// program cannot be run". Empty when nothing did.
std::string troubleOf(const UnitView& unit);

/// What a person can do about it: one sentence with the command. Empty when there is nothing to do.
std::string nextStepFor(const UnitView& unit);

/// False when trying again cannot help: the configuration, the unit file or the installation must be mended
/// first.
bool mayRecover(const UnitView& unit) noexcept;

} // namespace stinky::core
