#pragma once

#include "ctl/status_view.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace stinky::ctl {

/// What the operator waits for.
enum class Goal {
    up,
    down,
    again ///< down, then up
};

/// Turns one picture after the other into lines of progress, and knows when it is over.
class Progress {
public:
    Progress(Goal goal, bool colour) : goal_(goal), colour_(colour) {}

    /// The lines that a new picture is worth, each with '\n'; `elapsed` in seconds since the command.
    std::string update(const StatusView& view, double elapsed);

    /// The exit code once there is nothing more to wait for: 0 when the goal was reached. To be asked only
    /// of pictures that were taken after systemd had queued the job.
    std::optional<int> outcome() const;

    /// The last line.
    std::string verdict(double elapsed) const;
    /// The same when the patience has run out.
    std::string tooLate(double elapsed) const;

private:
    Goal goal_;
    bool colour_;
    StatusView last_;
    std::map<std::string, std::string> told_; ///< by unit, what was last said of it
};

} // namespace stinky::ctl
