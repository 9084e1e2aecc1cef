#pragma once

#include "ctl/doctor/check.h"
#include "ctl/doctor/facts.h"

#include <vector>

namespace stinky::ctl {

/// Every check, in the order of the way of the data. Pure.
std::vector<Check> examine(const Facts& facts);

} // namespace stinky::ctl
