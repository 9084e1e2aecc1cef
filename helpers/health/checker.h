#pragma once

#include "common/event_loop.h"
#include "health/check.h"

#include <chrono>
#include <memory>
#include <string>

namespace stinky::health {

struct CheckerOptions {
    std::string part;                         ///< names the report, "kismet"
    std::string statusDirectory;              ///< empty for no file
    std::chrono::milliseconds interval{5000}; ///< between two looks
    std::chrono::microseconds watchdog{0};    ///< WatchdogSec= of the unit; 0: none
};

/// Speaks for a program to systemd: READY=1 with the first look that finds data flowing, WATCHDOG=1 with
/// each, STATUS= and the part's report. Says nothing for the watchdog while nothing flows: systemd then
/// restarts what is wedged.
class Checker {
public:
    /// Looks at once; until the program is ready, once a second or at `interval` if that is shorter.
    Checker(EventLoop& loop, CheckerOptions options, std::unique_ptr<Check> check);

    /// The program is gone: the last word to systemd.
    void onProgramEnd();

private:
    void look();
    void take(Finding finding);
    PartReport report() const;

    CheckerOptions options_;
    std::unique_ptr<Check> check_;
    Timer next_;
    Finding finding_;
    bool ready_ = false;
    bool ended_ = false; ///< the program: what is reported then is the last
    StatusReporter status_;
};

} // namespace stinky::health
