#pragma once

#include "ctl/status_view.h"
#include "ctl/text_table.h"

#include <ctime>
#include <string>

namespace stinky::ctl {

/// The whole of `stinkyctl status`: the state, since when and what to do, a line per part, what GPS, Wi-Fi,
/// TAK and the disk have to tell. `now`: wall clock; local time is shown.
std::string renderStatus(const StatusView& view, const Screen& screen, std::time_t now);

/// "4 s", "5 min 3 s", "2 h 7 min", "3 d 4 h".
std::string duration(double seconds);

/// "12.3 GB".
std::string bytesText(double bytes);

/// What a person must know about one unit: its own report, or what systemd says when it does not run.
std::string unitReason(const UnitLine& unit);

/// One word: the report's, or systemd's where there is none: "ok", "silent", "starting", "stopped",
/// "masked".
std::string unitState(const UnitLine& unit);

} // namespace stinky::ctl
