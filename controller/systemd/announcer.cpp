#include "systemd/announcer.h"

#include "common/log.h"

#include <systemd/sd-daemon.h>

#include <string>

namespace stinky::systemd {

void note(const core::Note& note) {
    log::notice(note.event, note.text, {{"STINKY_UNIT", note.unit}});
}

void announce(const core::Snapshot& before, const core::Snapshot& now) {
    if (!before.discovered && now.discovered)
        sd_notify(0, "READY=1");
    if (before.discovered == now.discovered && before.state == now.state && before.reason == now.reason)
        return;
    const std::string line = toString(now.state) + (now.reason.empty() ? "" : ": " + now.reason);
    sd_notify(0, ("STATUS=" + line).c_str());
    const bool bad = now.state == core::State::failed || now.state == core::State::degraded;
    // Reasons come and go within a state: worth keeping, not worth an alarm each.
    const log::Level level = before.state == now.state ? log::Level::info
                             : bad                     ? log::Level::warning
                                                       : log::Level::notice;
    log::write(level, "state", now.nextStep.empty() ? line : line + " (" + now.nextStep + ")",
               {{"STINKY_STATE", toString(now.state)},
                {"STINKY_FORMER_STATE", toString(before.state)},
                {"STINKY_NEXT_STEP", now.nextStep}});
}

} // namespace stinky::systemd
