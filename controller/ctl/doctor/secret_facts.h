#pragma once

#include "ctl/doctor/facts.h"

#include <string>
#include <vector>

namespace stinky::ctl {

/// The files below `folders` whose names say that they are secret, and those that the settings name.
void gatherSecrets(const std::vector<std::string>& folders, Facts& facts);

} // namespace stinky::ctl
