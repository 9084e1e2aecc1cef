#pragma once

#include "common/mac_address.h"
#include "common/netlink.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stinky::radio {

/// A network interface as RTM_NEWLINK tells it (rtnetlink(7), linux/if_link.h).
struct Link {
    std::uint32_t index = 0;
    std::string name;
    bool up = false; ///< IFF_UP, what `ip link set up` switches; not whether there is a carrier
    MacAddress address;
    std::uint32_t master = 0;  ///< ifindex of the bridge or bond that it belongs to, 0 for none
    std::uint64_t frames = 0;  ///< received; 0 where the kernel does not tell
    MacAddress permanent = {}; ///< the card's own address, whatever it uses now; zero where there is none
    /// How many ask to hear everything: captures do.
    std::uint32_t promiscuity = 0;

    bool operator==(const Link&) const = default;
};

/// Reads one message; nothing when it is not a link's, is too short, or belongs to a bridge's own view of
/// its ports (AF_BRIDGE).
std::optional<Link> parseLink(nlmsghdr* message);

/// The interfaces that a message of RTM_GETROUTE's answer sends the default route out of: one, or several
/// for a multipath route; none for any other route.
std::set<std::uint32_t> parseDefaultRoute(nlmsghdr* message);

/// Whether traffic to the rest of the world leaves through the interface `index`, itself or as a port of a
/// bridge or bond. `routes` are the interfaces of the default routes.
bool carriesDefaultRoute(std::uint32_t index, const std::vector<Link>& links,
                         const std::set<std::uint32_t>& routes);

/// Requests to rtnetlink. Each throws Error with the kernel's text.
class RouteSocket {
public:
    RouteSocket() : socket_(NETLINK_ROUTE) {}

    std::vector<Link> links();
    /// Throws Error with code ENODEV when there is none; `label` names the interface in errors.
    Link link(std::uint32_t index, const std::string& label);
    /// Sets IFF_UP or clears it: needs CAP_NET_ADMIN.
    void setUp(std::uint32_t index, bool up, const std::string& label);
    /// Of all address families and routing tables.
    std::set<std::uint32_t> defaultRouteInterfaces();

private:
    NetlinkSocket socket_;
};

} // namespace stinky::radio
