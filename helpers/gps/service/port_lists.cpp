#include "gps/service/port_lists.h"

#include "gps/serial_device.h"

#include <fnmatch.h>

#include <algorithm>

namespace stinky::gps {

bool matchesAny(const PortNames& port, const std::vector<std::string>& patterns) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        const auto fits = [&](const std::string& name) {
            return !name.empty() && fnmatch(pattern.c_str(), name.c_str(), FNM_CASEFOLD) == 0;
        };
        return fits(port.path) || fits(port.stableName) || fits("/dev/serial/by-id/" + port.stableName) ||
               fits(port.usbId);
    });
}

std::optional<std::string> refusedBySettings(const PortNames& port, const std::vector<std::string>& devices,
                                             const std::vector<std::string>& allow,
                                             const std::vector<std::string>& deny) {
    if (matchesAny(port, deny))
        return "GPS_DENY= lists it";
    const bool named = std::ranges::any_of(
        devices, [&](const std::string& device) { return canonicalOrSame(device) == port.path; });
    if (!named && !allow.empty() && !matchesAny(port, allow))
        return "GPS_ALLOW= does not list it";
    return std::nullopt;
}

} // namespace stinky::gps
