#include "tak/outputs/interfaces.h"

#include "common/error.h"

#include <linux/rtnetlink.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace stinky::tak {

std::vector<MulticastInterface> multicastInterfaces(const std::string& only) {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) < 0)
        throw Error::fromErrno("list", "network interfaces", errno);
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> all(first, &freeifaddrs);
    std::vector<MulticastInterface> found;
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        const std::string name = each->ifa_name;
        const unsigned wanted = IFF_UP | IFF_RUNNING;
        const bool usable =
            only.empty() ? (each->ifa_flags & IFF_MULTICAST) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0
                         : name == only;
        if (!usable || (each->ifa_flags & wanted) != wanted || each->ifa_addr == nullptr ||
            each->ifa_addr->sa_family != AF_INET ||
            std::any_of(found.begin(), found.end(), [&](const auto& known) { return known.name == name; }))
            continue;
        char text[INET_ADDRSTRLEN] = {};
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr, text,
                  sizeof text);
        found.push_back({if_nametoindex(each->ifa_name), name, text});
    }
    return found;
}

NetworkWatch::NetworkWatch(EventLoop& loop, std::function<void()> changed) : socket_(NETLINK_ROUTE) {
    socket_.makeListener();
    socket_.joinGroup(RTNLGRP_LINK, "link");
    socket_.joinGroup(RTNLGRP_IPV4_IFADDR, "ipv4-ifaddr");
    socket_.joinGroup(RTNLGRP_IPV4_ROUTE, "ipv4-route");
    settle_ = loop.addTimer(std::chrono::milliseconds(10), "network change", std::move(changed));
    readable_ = loop.addIo(socket_.fd(), EPOLLIN, "network changes", [this](std::uint32_t) {
        // What changed is read anew from the kernel, so that a lost message does no harm.
        socket_.receive([](nlmsghdr*) {});
        settle_.arm(std::chrono::milliseconds(100));
    });
}

} // namespace stinky::tak
