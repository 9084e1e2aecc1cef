#include "health/checker.h"

#include "common/log.h"

#include <systemd/sd-daemon.h>

#include <algorithm>
#include <utility>

namespace stinky::health {
namespace {

constexpr std::chrono::milliseconds startInterval{1000};

} // namespace

Checker::Checker(EventLoop& loop, CheckerOptions options, std::unique_ptr<Check> check)
    : options_(std::move(options)),
      check_(std::move(check)),
      next_(loop.addTimer(std::chrono::milliseconds(50), "next look", [this] { look(); })),
      status_(loop, options_.statusDirectory, [this] { return report(); }) {
    finding_.reason = options_.part + " is starting";
    // Two looks may be lost before the watchdog bites.
    if (options_.watchdog.count() > 0)
        options_.interval = std::min(
            options_.interval, std::chrono::duration_cast<std::chrono::milliseconds>(options_.watchdog / 3));
    next_.arm(std::chrono::milliseconds(100));
}

void Checker::look() {
    check_->look([this](Finding finding) { take(std::move(finding)); });
}

void Checker::take(Finding finding) {
    // What does not answer yet is no fault while the program starts; what it says itself is one at any time.
    const bool news = finding.reason != finding_.reason;
    finding_ = std::move(finding);
    if (news)
        log::write(finding_.flows ? log::Level::info : log::Level::warning, "health", finding_.reason);
    if (finding_.flows) {
        if (!std::exchange(ready_, true))
            status_.ready();
        sd_notify(0, "WATCHDOG=1");
    }
    status_.changed();
    next_.arm(ready_ ? options_.interval : std::min(options_.interval, startInterval));
}

void Checker::onProgramEnd() {
    ended_ = true;
    finding_.flows = false;
    finding_.state = PartState::fault;
    finding_.reason =
        ready_ ? options_.part + " ended" : options_.part + " ended before it was ready: " + finding_.reason;
    status_.changed();
}

PartReport Checker::report() const {
    PartReport report;
    report.part = options_.part;
    report.state = !ready_ && !finding_.flows && finding_.state == PartState::fault ? PartState::waiting
                                                                                    : finding_.state;
    report.reason = finding_.reason;
    report.inputAge = finding_.inputAge;
    report.outputAge = finding_.outputAge;
    // It is made when the loop has ended, and nothing is written after it.
    report.eventDriven = ended_;
    report.counters = finding_.counters;
    return report;
}

} // namespace stinky::health
