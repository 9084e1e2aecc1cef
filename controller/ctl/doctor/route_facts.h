#pragma once

#include <string>

namespace stinky::ctl {

/// True when a default route of IPv4 or IPv6 goes by the interface, in the texts of /proc/net/route and
/// /proc/net/ipv6_route.
bool hasDefaultRoute(const std::string& route, const std::string& ipv6Route, const std::string& interface);

/// The same of this machine.
bool carriesDefaultRoute(const std::string& interface);

} // namespace stinky::ctl
