#pragma once

#include "ctl/options.h"
#include "ctl/progress.h"

namespace stinky::ctl {

/// The exit code of a request that failed with this error of D-Bus: systemctl's.
int exitCodeOf(const std::string& errorName);

/// `stinkyctl start`, `stop` and `restart`: asks, follows the stack (or the parts that are named) to the
/// goal with a line for each part on the way, and shows the last of the journal of the part to blame when it
/// is not reached. The exit code.
int change(const char* method, Goal goal, const Options& options);

} // namespace stinky::ctl
