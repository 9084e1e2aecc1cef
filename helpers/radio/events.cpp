#include "radio/events.h"

#include "radio/link.h"

#include <linux/nl80211.h>
#include <linux/rtnetlink.h>

#include <sys/epoll.h>

#include <utility>

namespace stinky::radio {

void readLinkEvent(nlmsghdr* message, Changes& changes) {
    if (const auto link = parseLink(message)) {
        changes.interfaces.insert(link->index);
        changes.names[link->index] = link->name;
    }
}

void readWirelessEvent(nlmsghdr* message, Changes& changes) {
    if (const auto interface = parseWifiInterface(message))
        changes.interfaces.insert(interface->index);
}

RadioEvents::RadioEvents(Nl80211& wireless) : link_(NETLINK_ROUTE), config_(NETLINK_GENERIC) {
    link_.makeListener();
    link_.joinGroup(RTNLGRP_LINK, "rtnetlink link");
    config_.makeListener();
    config_.joinGroup(wireless.group(NL80211_MULTICAST_GROUP_CONFIG), "nl80211 config");
}

void RadioEvents::watch(EventLoop& loop, std::function<void(const Changes&)> callback) {
    callback_ = std::move(callback);
    linkSource_ = loop.addIo(link_.fd(), EPOLLIN, "link events",
                             [this](std::uint32_t) { onReadable(link_, readLinkEvent); });
    configSource_ = loop.addIo(config_.fd(), EPOLLIN, "nl80211 events",
                               [this](std::uint32_t) { onReadable(config_, readWirelessEvent); });
}

void RadioEvents::onReadable(NetlinkSocket& socket, void (*read)(nlmsghdr*, Changes&)) {
    Changes changes;
    const bool complete = socket.receive([&](nlmsghdr* message) { read(message, changes); });
    changes.lost = !complete;
    callback_(changes);
}

} // namespace stinky::radio
