#include "ctl/doctor/checks.h"

#include "ctl/doctor/check_groups.h"
#include "ctl/status_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace stinky::ctl {
namespace {

constexpr std::uint64_t megabyte = 1'000'000;
constexpr int firstYear = 2024;

Check checkSettings(const Facts& f) {
    if (f.configFindings.empty())
        return ok("settings", f.configPath + " is in order");
    return fault("settings",
                 fmt::format("{} of {} is not taken: {}", f.configFindings.size() == 1 ? "a line" : "lines",
                             f.configPath, f.configFindings.front().message),
                 "such a setting keeps its default", "stinkyctl check-config");
}

Check checkController(const Facts& f) {
    if (!f.status)
        return fault("controller", "the controller does not answer: " + f.controllerProblem,
                     "nobody can see or steer the sensor", "systemctl status stinky-controller");
    if (f.status->state == "failed")
        return fault("controller", "the sensor has failed: " + f.status->reason, "it does not survey",
                     f.status->nextStep.empty() ? "stinkyctl start" : f.status->nextStep);
    if (f.status->state == "degraded")
        return warning("controller", "the sensor is degraded: " + f.status->reason,
                       "it does a part of its work",
                       f.status->nextStep.empty() ? "stinkyctl status" : f.status->nextStep);
    return ok("controller", "the sensor is " + f.status->state);
}

Check checkUnits(const Facts& f) {
    if (!f.status)
        return skipped("unit-files", "systemd was not asked");
    if (f.changedUnits.empty())
        return ok("unit-files", "systemd holds the unit files as they are on the disk");
    return warning("unit-files", "changed on the disk since systemd read them: " + joined(f.changedUnits),
                   "the old settings are in force", "systemctl daemon-reload && stinkyctl restart");
}

Check checkClock(const Facts& f) {
    if (f.year < firstYear)
        return fault("clock", fmt::format("the clock says {}", f.year),
                     "every record and every event has a wrong time",
                     "set GPS_TIME=yes, or connect to a network with NTP");
    if (!f.clockSynchronised)
        return skipped("clock", "the kernel may not be asked from here: sudo stinkyctl doctor");
    if (!*f.clockSynchronised)
        return warning("clock", "nothing keeps the clock", "times in captures and events drift",
                       "timedatectl set-ntp true, or GPS_TIME=yes");
    return ok("clock", "the clock is synchronised");
}

Check checkDisk(const Facts& f) {
    if (!f.freeBytes)
        return warning("disk", "the folder of the captures is not there", "the scanner cannot write",
                       "systemd-tmpfiles --create");
    const std::string what = bytesText(static_cast<double>(*f.freeBytes)) + " free for captures";
    if (*f.freeBytes < 50 * megabyte)
        return fault("disk", what, "the survey ends when the disk is full",
                     "delete old files of /var/lib/stinky/captures");
    if (*f.freeBytes < 500 * megabyte)
        return warning("disk", what, "a survey of some days fills that",
                       "delete old files of /var/lib/stinky/captures");
    return ok("disk", what);
}

Check checkMemoryController(const Facts& f) {
    if ((" " + f.cgroupControllers + " ").find(" memory ") != std::string::npos)
        return ok("memory-controller", "limits of memory are in force");
    return warning(
        "memory-controller", "the kernel counts no memory for units",
        "MemoryMax= is without effect: a scanner "
        "that runs away takes the machine with it",
        "add cgroup_enable=memory to /boot/cmdline.txt (or /boot/firmware/cmdline.txt) and reboot");
}

// Bits of vcgencmd get_throttled: https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
constexpr std::uint32_t undervoltageNow = 1U << 0;
constexpr std::uint32_t throttledNow = 1U << 2;
constexpr std::uint32_t undervoltageSinceBoot = 1U << 16;
constexpr std::uint32_t throttledSinceBoot = 1U << 18;

Check checkPower(const Facts& f) {
    if (!f.throttled)
        return skipped("power", "no Raspberry Pi, or its firmware does not tell");
    const std::uint32_t flags = *f.throttled;
    if ((flags & (undervoltageNow | throttledNow)) != 0)
        return fault("power",
                     (flags & undervoltageNow) != 0 ? "the supply is too weak at this moment"
                                                    : "the Pi is throttled",
                     "USB devices drop out and the card is damaged by a power cut",
                     "use a stronger supply and a shorter cable; cool it");
    if ((flags & (undervoltageSinceBoot | throttledSinceBoot)) != 0)
        return warning("power", "the supply was too weak, or the Pi too hot, since the boot",
                       "USB devices drop out under load",
                       "use a stronger supply and a shorter cable; cool it");
    return ok("power", "voltage and temperature are in order");
}

Check checkOutputs(const Facts& f) {
    if (f.config.text("TAK_PART") == "none")
        return skipped("tak-outputs", "TAK_PART=none");
    if (f.outputs.empty())
        return warning("tak-outputs", "TAK_OUTPUTS= names none", "nobody sees what is heard",
                       "set TAK_OUTPUTS=");
    for (const OutputFacts& output : f.outputs)
        if (!output.problem.empty())
            return fault("tak-outputs", output.url + ": " + output.problem,
                         "nobody there sees what is heard",
                         "look at the network, and try: stinkyctl tak test");
    if (std::ranges::any_of(f.outputs, [](const OutputFacts& output) { return !output.tried; }))
        return skipped("tak-outputs",
                       "they are not tried from here: sudo stinkyctl doctor, or stinkyctl tak test");
    return ok("tak-outputs",
              fmt::format("{} can be sent to", f.outputs.size() == 1 ? "the output" : "all outputs"));
}

Check checkCertificates(const Facts& f) {
    constexpr double soon = 30;
    if (f.certificates.empty())
        return skipped("certificates", "no TLS certificate is set");
    bool hidden = false;
    for (const CertificateFacts& certificate : f.certificates) {
        hidden = hidden || certificate.hidden;
        if (!certificate.problem.empty() && !certificate.hidden)
            return fault("certificates", certificate.path + ": " + certificate.problem,
                         "TLS outputs cannot connect", "look at TAK_TLS_* in " + f.configPath);
        if (certificate.daysLeft && *certificate.daysLeft <= 0)
            return fault("certificates", certificate.path + " has expired", "the server refuses it",
                         "get a new one from the server's administrator");
        if (certificate.daysLeft && *certificate.daysLeft < soon)
            return warning("certificates",
                           fmt::format("{} expires in {:.0f} days", certificate.path, *certificate.daysLeft),
                           "then the server refuses it", "get a new one from the server's administrator");
    }
    return hidden ? skipped("certificates", "they are not for everybody's eyes: sudo stinkyctl doctor")
                  : ok("certificates", "certificates are valid");
}

} // namespace

const char* toString(Result result) noexcept {
    switch (result) {
    case Result::ok:
        return "ok";
    case Result::warning:
        return "warning";
    case Result::fault:
        return "fault";
    case Result::skipped:
        return "skipped";
    }
    return "skipped";
}

std::vector<Check> examine(const Facts& facts) {
    std::vector<Check> checks;
    for (const auto& check : {checkSettings,
                              checkController,
                              checkUnits,
                              checkRule,
                              checkDongle,
                              checkHolders,
                              checkGpsd,
                              checkFix,
                              checkClock,
                              checkRadio,
                              checkBlocked,
                              checkUplink,
                              checkRadioHolders,
                              checkNetworkManager,
                              checkCountry,
                              checkKismet,
                              checkKismetSettings,
                              checkDisk,
                              checkMemoryController,
                              checkPower,
                              checkOutputs,
                              checkCertificates,
                              checkPorts,
                              checkSecrets,
                              checkLegacyOpen,
                              checkWebAccess})
        checks.push_back(check(facts));
    return checks;
}

} // namespace stinky::ctl
