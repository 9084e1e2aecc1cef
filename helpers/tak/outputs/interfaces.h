#pragma once

#include "common/event_loop.h"
#include "common/netlink.h"

#include <functional>
#include <string>
#include <vector>

namespace stinky::tak {

/// An interface that can carry multicast: up, with a carrier, with an IPv4 address.
struct MulticastInterface {
    unsigned index = 0;
    std::string name;
    std::string address; ///< dotted quad; the first one

    bool operator==(const MulticastInterface&) const = default;
};

/// Those of this machine, but not the loopback one, unless `only` names it; with `only`, that one alone.
std::vector<MulticastInterface> multicastInterfaces(const std::string& only);

/// Tells when interfaces or addresses of this machine change, by netlink.
class NetworkWatch {
public:
    NetworkWatch(EventLoop& loop, std::function<void()> changed);

private:
    NetlinkSocket socket_;
    EventSource readable_;
    Timer settle_; ///< a change comes as a burst of messages
};

} // namespace stinky::tak
