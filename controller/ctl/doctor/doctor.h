#pragma once

#include "ctl/doctor/check.h"
#include "ctl/options.h"
#include "ctl/text_table.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace stinky::ctl {

/// {"ok", "warnings", "faults", "checks": [{"check", "result", "what", "why", "fix"}]}.
nlohmann::ordered_json toJson(const std::vector<Check>& checks);

/// A line for each check, and below what is not well why it matters and what mends it.
std::string renderChecks(const std::vector<Check>& checks, const Screen& screen);

/// `stinkyctl doctor`: 0 when nothing is a fault, 1 otherwise.
int doctor(const Options& options);

} // namespace stinky::ctl
