#pragma once

#include "common/event_loop.h"
#include "common/netlink.h"
#include "common/nl80211.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace stinky::radio {

/// What the kernel announced since the last look.
struct Changes {
    bool lost = false;                  ///< announcements were lost (ENOBUFS): anything may have changed
    std::set<std::uint32_t> interfaces; ///< ifindexes that were named
    std::map<std::uint32_t, std::string> names; ///< what rtnetlink called them

    std::optional<std::string> nameOf(std::uint32_t index) const {
        const auto found = names.find(index);
        return found == names.end() ? std::nullopt : std::optional(found->second);
    }

    bool concern(std::uint32_t index) const { return lost || interfaces.contains(index); }
};

/// Reads one announcement of rtnetlink's link group or of nl80211's "config" group into `changes`.
void readLinkEvent(nlmsghdr* message, Changes& changes);
void readWirelessEvent(nlmsghdr* message, Changes& changes);

/// Listens to both groups. Made before the state is read, so that no change between the two is missed.
class RadioEvents {
public:
    /// Asks `wireless` for the group's number.
    explicit RadioEvents(Nl80211& wireless);

    /// `callback` is called whenever something was announced, about whatever interface.
    void watch(EventLoop& loop, std::function<void(const Changes&)> callback);

private:
    void onReadable(NetlinkSocket& socket, void (*read)(nlmsghdr*, Changes&));

    NetlinkSocket link_;
    NetlinkSocket config_;
    std::function<void(const Changes&)> callback_;
    EventSource linkSource_;
    EventSource configSource_;
};

} // namespace stinky::radio
