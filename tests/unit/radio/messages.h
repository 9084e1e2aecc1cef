#pragma once

#include "common/netlink.h"

#include <linux/if_link.h>
#include <linux/nl80211.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <net/if.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace stinky::radio {

/// A message as bytes that a test may cut and spoil.
using Bytes = std::vector<unsigned char>;

inline Bytes bytesOf(const NlMessage& message) {
    const nlmsghdr* header = nlmsg_hdr(message.get());
    const auto* begin = reinterpret_cast<const unsigned char*>(header);
    return {begin, begin + header->nlmsg_len};
}

inline nlmsghdr* headerOf(Bytes& bytes) {
    return reinterpret_cast<nlmsghdr*>(bytes.data());
}

struct LinkSample {
    int type = RTM_NEWLINK;
    unsigned char family = AF_UNSPEC;
    int index = 5;
    unsigned flags = IFF_UP;
    std::string name = "wlan2";
    std::vector<unsigned char> address = {2, 0, 0, 0, 2, 0};
    std::uint32_t master = 0;
    std::vector<unsigned char> permanent = {2, 0, 0, 0, 0, 9};
    std::uint32_t promiscuity = 0;
};

inline Bytes linkMessage(const LinkSample& sample) {
    NlMessage message(nlmsg_alloc_simple(sample.type, 0));
    ifinfomsg header = {};
    header.ifi_family = sample.family;
    header.ifi_index = sample.index;
    header.ifi_flags = sample.flags;
    nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO);
    nla_put_string(message.get(), IFLA_IFNAME, sample.name.c_str());
    nla_put(message.get(), IFLA_ADDRESS, static_cast<int>(sample.address.size()), sample.address.data());
    if (sample.master != 0)
        nla_put_u32(message.get(), IFLA_MASTER, sample.master);
    nla_put(message.get(), IFLA_PERM_ADDRESS, static_cast<int>(sample.permanent.size()),
            sample.permanent.data());
    nla_put_u32(message.get(), IFLA_PROMISCUITY, sample.promiscuity);
    return bytesOf(message);
}

struct RouteSample {
    unsigned char prefix = 0;
    unsigned char type = RTN_UNICAST;
    std::uint32_t out = 0;
    std::vector<int> nexthops = {};
};

inline Bytes routeMessage(const RouteSample& sample) {
    NlMessage message(nlmsg_alloc_simple(RTM_NEWROUTE, 0));
    rtmsg header = {};
    header.rtm_family = AF_INET;
    header.rtm_dst_len = sample.prefix;
    header.rtm_type = sample.type;
    nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO);
    if (sample.out != 0)
        nla_put_u32(message.get(), RTA_OIF, sample.out);
    if (!sample.nexthops.empty()) {
        nlattr* nest = nla_nest_start(message.get(), RTA_MULTIPATH);
        for (const int index : sample.nexthops) {
            rtnexthop hop = {};
            hop.rtnh_len = sizeof hop;
            hop.rtnh_ifindex = index;
            nlmsg_append(message.get(), &hop, sizeof hop, NLMSG_ALIGNTO);
        }
        nla_nest_end(message.get(), nest);
    }
    return bytesOf(message);
}

inline Bytes wirelessMessage(std::uint8_t command, std::uint32_t index) {
    NlMessage message(nlmsg_alloc());
    genlmsg_put(message.get(), 0, 0, 28, 0, 0, command, 0);
    nla_put_u32(message.get(), NL80211_ATTR_WIPHY, 2);
    nla_put_u32(message.get(), NL80211_ATTR_IFINDEX, index);
    nla_put_string(message.get(), NL80211_ATTR_IFNAME, "wlan2");
    nla_put_u32(message.get(), NL80211_ATTR_IFTYPE, NL80211_IFTYPE_STATION);
    return bytesOf(message);
}

} // namespace stinky::radio
