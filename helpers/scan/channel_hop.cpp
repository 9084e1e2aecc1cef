#include "scan/channel_hop.h"

#include "common/error.h"
#include "common/log.h"
#include "scan/hopper.h"

#include <linux/nl80211.h>

#include <cerrno>

namespace stinky::scan {
namespace {

std::vector<int> wantedChannels(const Config& config) {
    std::vector<int> wanted;
    if (config.text("CHANNELS") != "auto")
        for (const std::string& word : config.list("CHANNELS"))
            wanted.push_back(std::stoi(word));
    return wanted;
}

std::vector<std::uint32_t> sequenceFor(Nl80211& nl80211, const WifiInterface& interface,
                                       const Config& config) {
    if (interface.type != NL80211_IFTYPE_MONITOR)
        throw Error("scan on", interface.name,
                    "it is in type " + wifiTypeName(interface.type) + ", not monitor");
    for (const Wiphy& wiphy : nl80211.wiphys()) {
        if (wiphy.index != interface.wiphy)
            continue;
        auto sequence = hopSequence(wiphy.channels, wantedChannels(config));
        if (sequence.empty())
            throw Error("scan on", interface.name,
                        "none of CHANNELS=" + config.text("CHANNELS") + " is allowed on " + wiphy.name);
        return sequence;
    }
    throw Error("scan on", interface.name, "its radio is gone", ENODEV);
}

} // namespace

ChannelHop::ChannelHop(EventLoop& loop, const std::string& interface, const Config& config)
    : interface_(nl80211_.interface(interface)),
      sequence_(sequenceFor(nl80211_, interface_, config)),
      dwell_(config.number("CHANNEL_DWELL_MS")),
      hop_(loop.addTimer(dwell_ / 20, "next channel", [this] { tune(); })) {
    hop_.arm(std::chrono::seconds(0));
}

void ChannelHop::tune() {
    const std::uint32_t frequency = sequence_[next_];
    next_ = (next_ + 1) % sequence_.size();
    try {
        nl80211_.setFrequency(interface_, frequency);
    } catch (const Error& e) {
        if (e.code() == ENODEV || e.code() == ENETDOWN)
            throw;
        // The regulatory domain may have changed, or the driver cannot do what it lists: go on without it.
        std::erase(sequence_, frequency);
        next_ = 0;
        log::warning("channel-dropped", e.what(), {{"STINKY_INTERFACE", interface_.name}});
        if (sequence_.empty())
            throw Error("scan on", interface_.name, "no channel is left: the radio refuses every one");
    }
    if (sequence_.size() > 1)
        hop_.arm(dwell_);
}

} // namespace stinky::scan
