#pragma once

#include "ctl/options.h"

#include <string>
#include <vector>

#include "view/journal.h"

namespace stinky::ctl {

/// The names under which a person's "tak" or "radio@wlan2" is in the journal: "stinky-tak.service".
std::string unitOfName(const std::string& name);

/// One record as a line: time, part, message; warnings and errors in colour.
std::string logLine(const view::LogRecord& record, bool colour);

/// `stinkyctl logs [PART...]`: the last lines, and with `follow` those that come. The exit code.
int logs(const Options& options);

/// The last records of a unit since `since` (seconds since 1970) as indented lines under a heading, or where
/// they can be read.
std::string lastLines(const std::string& unit, double since, std::size_t count, const std::string& host);

} // namespace stinky::ctl
