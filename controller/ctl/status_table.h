#pragma once

#include "ctl/status_view.h"

#include <ctime>
#include <string>

namespace stinky::ctl {

struct TableStyle {
    bool colour = false;
    std::size_t width = 0; ///< columns; longer lines are cut with an ellipsis; 0 for no limit
    std::time_t now = 0;   ///< wall clock, for "since"; local time is shown
};

/// The whole of `stinkyctl status`: the state and since when, a line per part, what GPS, Wi-Fi and TAK have
/// to tell.
std::string renderStatus(const StatusView& view, const TableStyle& style);

/// "4 s", "5 min 3 s", "2 h 7 min", "3 d 4 h".
std::string duration(double seconds);

/// What a person must know about one unit: its own report, or what systemd says when it does not run.
std::string unitReason(const UnitLine& unit);

/// `text` in the colour of a state ("running", "ok", "degraded", "failed", ...); as it is without `colour`.
std::string coloured(const std::string& text, const std::string& state, bool colour);

} // namespace stinky::ctl
