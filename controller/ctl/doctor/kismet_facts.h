#pragma once

#include "ctl/doctor/facts.h"

#include <string>

namespace stinky::ctl {

/// Whether there is a Kismet, what it says of its login, and what ails the settings that a person gave it.
void gatherKismet(Facts& facts);

/// Reads what `stinky-kismet-config lint --json` printed of one file; nothing when it is not that.
std::optional<KismetSettings> parseKismetLint(const std::string& text);

} // namespace stinky::ctl
