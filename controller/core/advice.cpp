#include "core/advice.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace stinky::core {
namespace {

// Exit statuses that mean something: sysexits(3), and those that systemd gives for a program that it could
// not even start (systemd.exec(5), "Process exit codes").
struct ExitStatus {
    std::int32_t status;
    const char* meaning;
    const char* nextStep; ///< %s is the unit
    bool mayRecover;
};

constexpr std::array<ExitStatus, 9> exitStatuses = {{
    {69, "what it needs is not there", "", true},
    {75, "another program insists on what it needs", "look who: stinkyctl doctor", true},
    {77, "it may not do what it must", "look what: stinkyctl logs %p", false},
    {78, "its settings are not usable", "look which: stinkyctl check-config", false},
    {200, "its working directory is not there", "install stinky again", false},
    {203, "its program cannot be run", "install stinky again: its program is missing or damaged", false},
    {216, "its group does not exist", "make it: systemd-sysusers", false},
    {217, "its user does not exist", "make it: systemd-sysusers", false},
    {226, "a folder that it needs is not there", "make it: systemd-tmpfiles --create", false},
}};

const ExitStatus* knownStatus(const UnitView& unit) {
    if (unit.result != "exit-code" || unit.killed)
        return nullptr;
    const auto found = std::ranges::find(exitStatuses, unit.exitStatus, &ExitStatus::status);
    return found == exitStatuses.end() ? nullptr : found;
}

std::string filledIn(std::string_view pattern, const UnitView& unit) {
    std::string text(pattern);
    if (const std::size_t at = text.find("%p"); at != std::string::npos)
        text.replace(at, 2, partNameOf(unit.name));
    return text;
}

std::string resultText(const UnitView& unit) {
    if (const ExitStatus* known = knownStatus(unit))
        return known->meaning;
    if (unit.result == "exit-code")
        return unit.exitStatus == 0 ? unit.result : "exit status " + std::to_string(unit.exitStatus);
    if (unit.result == "signal")
        return unit.exitStatus == 0 ? "killed" : "killed by signal " + std::to_string(unit.exitStatus);
    if (unit.result == "core-dump")
        return "it crashed";
    if (unit.result == "oom-kill")
        return "it ran out of memory";
    if (unit.result == "watchdog")
        return "it hung";
    if (unit.result == "timeout")
        return "it took too long";
    if (unit.result == "protocol")
        return "it ended before it was ready";
    if (unit.result == "start-limit-hit")
        return "it failed too often";
    return unit.result;
}

bool failed(const UnitView& unit) {
    return unit.activeState == "failed" || unit.subState == "auto-restart";
}

} // namespace

std::string troubleOf(const UnitView& unit) {
    if (!unit.loaded()) {
        if (unit.loadState == "not-found")
            return "it is not installed";
        if (unit.loadState == "masked")
            return "it is masked";
        return "its unit file is broken";
    }
    if (!failed(unit))
        return {};
    return unit.result.empty() || unit.result == "success" ? "it failed" : resultText(unit);
}

std::string nextStepFor(const UnitView& unit) {
    if (!unit.loaded()) {
        if (unit.loadState == "not-found")
            return "install stinky again: the unit file of " + unit.name + " is missing";
        if (unit.loadState == "masked")
            return "allow it again: systemctl unmask " + unit.name;
        return "look what is wrong with its file: systemd-analyze verify " + unit.name;
    }
    if (!failed(unit))
        return {};
    if (const ExitStatus* known = knownStatus(unit); known != nullptr && *known->nextStep != '\0')
        return filledIn(known->nextStep, unit);
    if (unit.result == "oom-kill")
        return "give it more memory (MemoryMax=): systemctl edit " + unit.name;
    return filledIn("look why: stinkyctl logs %p", unit);
}

bool mayRecover(const UnitView& unit) noexcept {
    const ExitStatus* known = knownStatus(unit);
    return unit.loaded() && (known == nullptr || known->mayRecover);
}

} // namespace stinky::core
