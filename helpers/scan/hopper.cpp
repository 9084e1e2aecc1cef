#include "scan/hopper.h"

#include <algorithm>
#include <array>

namespace stinky::scan {
namespace {

constexpr std::array<std::uint32_t, 3> busy = {2412, 2437, 2462};
constexpr std::size_t othersBetween = 3;

bool isBusy(std::uint32_t frequency) {
    return std::find(busy.begin(), busy.end(), frequency) != busy.end();
}

} // namespace

std::vector<std::uint32_t> hopSequence(const std::vector<WifiChannel>& channels,
                                       const std::vector<int>& wanted) {
    std::vector<std::uint32_t> often;
    std::vector<std::uint32_t> others;
    for (const WifiChannel& channel : channels) {
        // No number: 802.11ah below 1 GHz or 802.11ad at 60 GHz, where a monitor interface hears no such
        // beacons.
        if (channel.disabled || channelOfFrequency(channel.frequencyMHz) == 0)
            continue;
        const bool take =
            wanted.empty() || std::find(wanted.begin(), wanted.end(),
                                        channelOfFrequency(channel.frequencyMHz)) != wanted.end();
        if (take)
            (wanted.empty() && isBusy(channel.frequencyMHz) ? often : others)
                .push_back(channel.frequencyMHz);
    }
    if (often.empty() || others.empty())
        return often.empty() ? others : often;

    std::vector<std::uint32_t> sequence;
    // Whole rounds of the busy channels, so that each is visited equally often.
    std::size_t next = 0;
    for (std::size_t i = 0; i < others.size(); ++i) {
        if (i % othersBetween == 0)
            sequence.push_back(often[next++ % often.size()]);
        sequence.push_back(others[i]);
    }
    for (; next < often.size() || next % often.size() != 0; ++next)
        sequence.push_back(often[next % often.size()]);
    return sequence;
}

} // namespace stinky::scan
