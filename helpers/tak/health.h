#pragma once

#include "common/part_status.h"
#include "tak/cot.h"

#include <string>
#include <vector>

namespace stinky::tak {

/// A part's report with its age in seconds.
struct PartAge {
    PartReport report;
    double age = 0;
};

/// The reports in /run/stinky/status but for `except`'s; what cannot be read is left out.
std::vector<PartAge> readReports(const std::string& directory, const std::string& except, double now);

/// All of them in one sentence, what does not work first; the state is the worst one.
Health summarise(std::vector<PartAge> parts);

} // namespace stinky::tak
