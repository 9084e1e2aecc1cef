#pragma once

#include "core/machine.h"

namespace stinky::systemd {

/// Writes down what the machine did by itself.
void note(const core::Note& note);

/// Tells systemd and the journal of a change: READY=1 with the first picture, STATUS= and one record for
/// each new state or reason.
void announce(const core::Snapshot& before, const core::Snapshot& now);

} // namespace stinky::systemd
