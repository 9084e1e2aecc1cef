#pragma once

#include "core/service_manager.h"
#include "core/world.h"

#include <vector>

namespace stinky::core {

/// The calls that carry out `request`, in order: what failed is reset first, because systemd's start limit
/// would otherwise refuse the operator who has mended the cause.
std::vector<Action> planFor(Request request, const World& world);

/// For these units and those that systemd restarts with them: a restart that a person asks for is to be
/// refused neither for a failure nor for the number of the starts before it.
std::vector<Action> resetsBeforeRestart(const World& world, const std::vector<const UnitView*>& units);

} // namespace stinky::core
