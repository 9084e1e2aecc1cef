#pragma once

#include "common/config.h"
#include "common/event_loop.h"
#include "common/nl80211.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace stinky::scan {

/// Takes a card in monitor mode from channel to channel: CHANNELS=, CHANNEL_DWELL_MS=. Needs CAP_NET_ADMIN.
class ChannelHop {
public:
    /// Throws Error when the interface is not there, not in monitor mode, or has no channel to listen on.
    ChannelHop(EventLoop& loop, const std::string& interface, const Config& config);

    std::size_t channels() const noexcept { return sequence_.size(); }

    std::chrono::milliseconds dwell() const noexcept { return dwell_; }

private:
    void tune();

    Nl80211 nl80211_;
    WifiInterface interface_;
    std::vector<std::uint32_t> sequence_;
    std::size_t next_ = 0;
    std::chrono::milliseconds dwell_;
    Timer hop_;
};

} // namespace stinky::scan
