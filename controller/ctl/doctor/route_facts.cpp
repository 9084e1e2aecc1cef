#include "ctl/doctor/route_facts.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <linux/route.h>

#include <sstream>

namespace stinky::ctl {
namespace {

constexpr std::size_t mostOfRoutes = 1024 * 1024;

std::string routesOf(const char* path) {
    try {
        return readFile(path, mostOfRoutes);
    } catch (const Error&) { // a kernel without IPv6
        return {};
    }
}

/// "Iface Destination Gateway Flags ...": a destination of 00000000 is the default.
bool isDefault(const std::string& line, const std::string& interface) {
    std::istringstream fields(line);
    std::string name;
    std::string destination;
    return fields >> name >> destination && name == interface && destination == "00000000";
}

/// "destination length source length gateway metric references uses flags interface", all in hexadecimal.
bool isIpv6Default(const std::string& line, const std::string& interface) {
    std::istringstream fields(line);
    std::string destination, length, source, sourceLength, gateway, metric, references, uses, name;
    unsigned flags = 0;
    return fields >> destination >> length >> source >> sourceLength >> gateway >> metric >> references >>
               uses >> std::hex >> flags >> name &&
           name == interface && length == "00" && destination.find_first_not_of('0') == std::string::npos &&
           (flags & RTF_UP) != 0 && (flags & RTF_REJECT) == 0;
}

} // namespace

bool hasDefaultRoute(const std::string& route, const std::string& ipv6Route, const std::string& interface) {
    std::istringstream lines(route);
    for (std::string line; std::getline(lines, line);)
        if (isDefault(line, interface))
            return true;
    std::istringstream ipv6Lines(ipv6Route);
    for (std::string line; std::getline(ipv6Lines, line);)
        if (isIpv6Default(line, interface))
            return true;
    return false;
}

bool carriesDefaultRoute(const std::string& interface) {
    return hasDefaultRoute(routesOf("/proc/net/route"), routesOf("/proc/net/ipv6_route"), interface);
}

} // namespace stinky::ctl
