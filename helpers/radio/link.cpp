#include "radio/link.h"

#include "common/error.h"

#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace stinky::radio {
namespace {

// One request with its family header (struct ifinfomsg, struct rtmsg).
template <typename Header>
NlMessage makeRequest(int type, int flags, const Header& header) {
    NlMessage message(nlmsg_alloc_simple(type, flags));
    Header copy = header;
    if (!message || nlmsg_append(message.get(), &copy, sizeof copy, NLMSG_ALIGNTO) < 0)
        throw Error::fromErrno("allocate", "netlink message", ENOMEM);
    return message;
}

ifinfomsg linkHeader(std::uint32_t index) {
    ifinfomsg header = {};
    header.ifi_family = AF_UNSPEC;
    header.ifi_index = static_cast<int>(index);
    return header;
}

// RTA_MULTIPATH is a row of struct rtnexthop, each with attributes of its own behind it.
void addNexthops(nlattr* multipath, std::set<std::uint32_t>& found) {
    const char* at = static_cast<const char*>(nla_data(multipath));
    auto left = static_cast<std::size_t>(nla_len(multipath));
    while (left >= sizeof(rtnexthop)) {
        rtnexthop hop = {};
        std::memcpy(&hop, at, sizeof hop);
        if (hop.rtnh_len < sizeof hop || hop.rtnh_len > left)
            return;
        if (hop.rtnh_ifindex > 0)
            found.insert(static_cast<std::uint32_t>(hop.rtnh_ifindex));
        const std::size_t step = std::min<std::size_t>(NLMSG_ALIGN(hop.rtnh_len), left);
        at += step;
        left -= step;
    }
}

} // namespace

std::optional<Link> parseLink(nlmsghdr* message) {
    if (message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK)
        return std::nullopt;
    static nla_policy policy[IFLA_MAX + 1] = {};
    policy[IFLA_IFNAME].type = NLA_STRING;
    policy[IFLA_MASTER].type = NLA_U32;
    policy[IFLA_PROMISCUITY].type = NLA_U32;
    nlattr* attributes[IFLA_MAX + 1] = {};
    if (!nlmsg_valid_hdr(message, sizeof(ifinfomsg)) ||
        nlmsg_parse(message, sizeof(ifinfomsg), attributes, IFLA_MAX, policy) < 0)
        return std::nullopt;
    const auto* header = static_cast<const ifinfomsg*>(nlmsg_data(message));
    if (header->ifi_family != AF_UNSPEC || header->ifi_index <= 0 || attributes[IFLA_IFNAME] == nullptr)
        return std::nullopt;
    Link link;
    link.index = static_cast<std::uint32_t>(header->ifi_index);
    link.name = nla_get_string(attributes[IFLA_IFNAME]);
    link.up = (header->ifi_flags & IFF_UP) != 0;
    // Other kinds of links have addresses of other lengths.
    if (attributes[IFLA_ADDRESS] != nullptr && nla_len(attributes[IFLA_ADDRESS]) == 6)
        std::memcpy(link.address.octets.data(), nla_data(attributes[IFLA_ADDRESS]), 6);
    if (const nlattr* stats = attributes[IFLA_STATS64];
        stats != nullptr && nla_len(stats) >= static_cast<int>(sizeof link.frames))
        // struct rtnl_link_stats64 begins with rx_packets, and grows at its end.
        std::memcpy(&link.frames, nla_data(stats), sizeof link.frames);
    if (attributes[IFLA_PERM_ADDRESS] != nullptr && nla_len(attributes[IFLA_PERM_ADDRESS]) == 6)
        std::memcpy(link.permanent.octets.data(), nla_data(attributes[IFLA_PERM_ADDRESS]), 6);
    if (attributes[IFLA_PROMISCUITY] != nullptr)
        link.promiscuity = nla_get_u32(attributes[IFLA_PROMISCUITY]);
    if (attributes[IFLA_MASTER] != nullptr)
        link.master = nla_get_u32(attributes[IFLA_MASTER]);
    return link;
}

std::set<std::uint32_t> parseDefaultRoute(nlmsghdr* message) {
    std::set<std::uint32_t> found;
    if (message->nlmsg_type != RTM_NEWROUTE)
        return found;
    static nla_policy policy[RTA_MAX + 1] = {};
    policy[RTA_OIF].type = NLA_U32;
    nlattr* attributes[RTA_MAX + 1] = {};
    if (!nlmsg_valid_hdr(message, sizeof(rtmsg)) ||
        nlmsg_parse(message, sizeof(rtmsg), attributes, RTA_MAX, policy) < 0)
        return found;
    const auto* header = static_cast<const rtmsg*>(nlmsg_data(message));
    // "unreachable default" on lo, as IPv6 has it, carries nothing.
    if (header->rtm_dst_len != 0 || header->rtm_type != RTN_UNICAST)
        return found;
    if (attributes[RTA_OIF] != nullptr)
        found.insert(nla_get_u32(attributes[RTA_OIF]));
    if (attributes[RTA_MULTIPATH] != nullptr)
        addNexthops(attributes[RTA_MULTIPATH], found);
    return found;
}

bool carriesDefaultRoute(std::uint32_t index, const std::vector<Link>& links,
                         const std::set<std::uint32_t>& routes) {
    // A bridge may itself be a port, but never of itself: the number of links bounds the walk.
    for (std::size_t depth = 0; depth <= links.size() && index != 0; ++depth) {
        if (routes.contains(index))
            return true;
        const auto link =
            std::find_if(links.begin(), links.end(), [&](const Link& l) { return l.index == index; });
        index = link == links.end() ? 0 : link->master;
    }
    return false;
}

std::vector<Link> RouteSocket::links() {
    std::vector<Link> found;
    const NlMessage message = makeRequest(RTM_GETLINK, NLM_F_DUMP, linkHeader(0));
    socket_.transact(message.get(), "list", "network interfaces", [&](nlmsghdr* answer) {
        if (auto link = parseLink(answer))
            found.push_back(std::move(*link));
    });
    return found;
}

Link RouteSocket::link(std::uint32_t index, const std::string& label) {
    std::optional<Link> found;
    const NlMessage message = makeRequest(RTM_GETLINK, 0, linkHeader(index));
    socket_.transact(message.get(), "read the link state of", label,
                     [&](nlmsghdr* answer) { found = parseLink(answer); });
    if (!found)
        throw Error("read the link state of", label, "the kernel's answer lacks a field", EBADMSG);
    return *found;
}

void RouteSocket::setUp(std::uint32_t index, bool up, const std::string& label) {
    ifinfomsg header = linkHeader(index);
    header.ifi_flags = up ? static_cast<unsigned>(IFF_UP) : 0;
    header.ifi_change = IFF_UP;
    const NlMessage message = makeRequest(RTM_NEWLINK, 0, header);
    socket_.transact(message.get(), up ? "set link up on" : "set link down on", label);
}

std::set<std::uint32_t> RouteSocket::defaultRouteInterfaces() {
    std::set<std::uint32_t> found;
    rtmsg header = {};
    header.rtm_family = AF_UNSPEC;
    const NlMessage message = makeRequest(RTM_GETROUTE, NLM_F_DUMP, header);
    socket_.transact(message.get(), "read", "the default routes",
                     [&](nlmsghdr* answer) { found.merge(parseDefaultRoute(answer)); });
    return found;
}

} // namespace stinky::radio
