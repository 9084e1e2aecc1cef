#include "ctl/doctor/check_groups.h"

#include <fmt/format.h>

#include <algorithm>

namespace stinky::ctl {

Check checkRule(const Facts& f) {
    std::vector<std::string> left;
    bool seen = false;
    for (const SerialPort& port : f.ports) {
        seen = seen || port.ruled.has_value();
        if (port.ruled == false)
            left.push_back(port.name);
    }
    if (left.empty())
        return seen ? ok("gps-rule", "udev starts the part of each serial port")
                    : skipped("gps-rule", "udev knows of no USB serial port");
    const std::string why = "a dongle there is noticed by nobody";
    if (!f.udevRule)
        return fault("gps-rule", "the udev rule for serial ports is not installed", why,
                     "install stinky again: /usr/lib/udev/rules.d/70-stinky-gps.rules is missing");
    return fault("gps-rule", "udev has not applied our rule to " + joined(left), why,
                 "udevadm control --reload && udevadm trigger --subsystem-match=tty");
}

Check checkDongle(const Facts& f) {
    if (f.ports.empty() && f.gps.devices.empty())
        return warning("gps-dongle", "no USB serial port and no receiver of gpsd",
                       "without a position nothing is written and nothing goes to TAK",
                       "plug a GPS dongle in, or set GPS_DEVICES= for a UART");
    std::vector<std::string> unserved;
    for (const SerialPort& port : f.ports) {
        const std::string unit = "stinky-gps@" + port.name + ".service";
        const bool has = f.status && std::ranges::any_of(f.status->units, [&](const UnitLine& u) {
                             return u.name == unit && (u.active() || u.activeState == "activating");
                         });
        if (!has && !f.gps.devices.contains("/dev/" + port.name))
            unserved.push_back(fmt::format("{} ({} {})", port.name, port.usbId, port.product));
    }
    if (!unserved.empty() && f.gps.devices.empty())
        return warning("gps-dongle", "no receiver was found on " + joined(unserved),
                       "without a position nothing is written and nothing goes to TAK",
                       "look why: stinkyctl logs gps@" + f.ports.front().name +
                           "; GPS_ALLOW= and GPS_DENY= decide too");
    return ok("gps-dongle", f.gps.devices.empty()
                                ? "a receiver is being set up"
                                : "gpsd has " + joined({f.gps.devices.begin(), f.gps.devices.end()}));
}

Check checkHolders(const Facts& f) {
    for (const SerialPort& port : f.ports) {
        std::vector<std::string> others;
        for (const std::string& holder : port.holders)
            if (holder != "gpsd" && !holder.starts_with("stinky-gps"))
                others.push_back(holder);
        if (!others.empty())
            return fault("gps-port-free", port.name + " is held by " + joined(others),
                         "two programs on one port each get half of the sentences",
                         "stop that program, or name the port in GPS_DENY=");
    }
    if (!f.root && !f.ports.empty())
        return skipped("gps-port-free", "who holds a port is seen by root only: sudo stinkyctl doctor");
    return ok("gps-port-free", "no other program holds a serial port");
}

Check checkGpsd(const Facts& f) {
    if (f.gps.answered)
        return ok("gpsd", "gpsd answers on " + f.config.text("GPSD"));
    if (!f.ipv6 && f.gpsdSocket == "failed")
        return fault("gpsd", "gpsd.socket failed, and this machine has no IPv6",
                     "Debian's socket also listens on [::1], and fails as a whole where the kernel cannot",
                     "systemctl daemon-reload && systemctl restart gpsd.socket");
    return fault("gpsd", "gpsd does not answer on " + f.config.text("GPSD"), "the position comes from it",
                 "systemctl restart gpsd.socket gpsd.service");
}

Check checkFix(const Facts& f) {
    if (!f.gps.answered)
        return skipped("gps-fix", "gpsd does not answer");
    const std::string problem = positionProblem(f.gps, f.gpsAt);
    if (problem.empty())
        return ok("gps-fix", fmt::format("{}D fix, {} of {} satellites", f.gps.fix.mode,
                                         f.gps.satellitesUsed, f.gps.satellitesSeen));
    return warning("gps-fix", problem, "without a position nothing is written and nothing goes to TAK",
                   f.gps.devices.empty() ? "plug a GPS dongle in"
                                         : "give the antenna a view of the sky: stinkyctl gps --watch");
}

} // namespace stinky::ctl
