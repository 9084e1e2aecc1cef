#pragma once

#include "ctl/options.h"
#include "ctl/status_view.h"

#include <string>
#include <vector>

#include "view/journal.h"

namespace stinky::ctl {

/// The names under which a person's "tak", "radio@wlan2" or "radio", for all of that kind, is in the
/// journal: "stinky-tak.service". Of what is in none of the units that are `known` it is a guess.
std::vector<std::string> unitsOfName(const std::string& name, const std::vector<std::string>& known);

/// The units of ours in what the controller says (StatusView): targets and services.
std::vector<std::string> unitsIn(const StatusView& view);

/// One record as a line: time, part, message; warnings and errors in colour.
std::string logLine(const view::LogRecord& record, bool colour);

/// `stinkyctl logs [PART...]`: the last lines, and with `follow` those that come. The exit code.
int logs(const Options& options);

/// The last records of a unit since `since` (seconds since 1970) as indented lines under a heading, or where
/// they can be read.
std::string lastLines(const std::string& unit, double since, std::size_t count, const std::string& host);

} // namespace stinky::ctl
