#pragma once

#include <string>
#include <vector>

namespace stinky::ctl {

/// What a check has found.
enum class Result { ok, warning, fault, skipped };

/// "ok", "warning", "fault" or "skipped".
const char* toString(Result result) noexcept;

/// One check of `stinkyctl doctor`.
struct Check {
    std::string name; ///< for machines: "gps-fix"
    Result result = Result::ok;
    std::string what; ///< what was found, for people
    std::string why;  ///< why it matters; empty when it is ok
    std::string fix;  ///< the command that mends it; empty when there is none
};

} // namespace stinky::ctl
