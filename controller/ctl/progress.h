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
    /// `only`: the parts that the operator named; empty for the whole stack.
    Progress(Goal goal, bool colour, std::vector<std::string> only = {})
        : goal_(goal), colour_(colour), only_(std::move(only)) {}

    /// The lines that a new picture is worth, each with '\n'; `elapsed` in seconds since the command.
    std::string update(const StatusView& view, double elapsed);

    /// The exit code once there is nothing more to wait for: 0 when the goal was reached. To be asked only
    /// of pictures that were taken after systemd had queued the job.
    std::optional<int> outcome() const;

    /// The units that are to blame when the goal was not reached: those that failed or cannot be loaded;
    /// else those that are still busy; else, after a start, those that lie down.
    std::vector<std::string> toBlame() const;

    /// All that happened: {"ok", "state", "reason", "next_step", "seconds", "steps": [{"unit", "step",
    /// "seconds", "reason"}]}.
    nlohmann::ordered_json json(double elapsed) const;

    /// The last line, and what to do where it is not good.
    std::string verdict(double elapsed) const;
    /// The same when the patience has run out.
    std::string tooLate(double elapsed) const;

private:
    Goal goal_;
    bool colour_;

    struct Step {
        std::string unit;
        std::string step;
        double seconds;
        std::string reason;
    };

    bool concerns(const UnitLine& unit) const;
    std::optional<int> outcomeOfNamed() const;

    std::vector<std::string> only_;
    std::vector<Step> steps_;
    StatusView last_;
    std::map<std::string, std::string> told_; ///< by unit, what was last said of it
};

} // namespace stinky::ctl
