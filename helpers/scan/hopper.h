#pragma once

#include "common/nl80211.h"

#include <cstdint>
#include <string>
#include <vector>

namespace stinky::scan {

/// The order in which to listen on the channels of a radio, as frequencies in MHz. `wanted` is empty for all
/// that the regulatory domain allows, else channel numbers (of every band that has them). Channels 1, 6 and
/// 11, where most access points are, come again after every three others when all are wanted.
std::vector<std::uint32_t> hopSequence(const std::vector<WifiChannel>& channels,
                                       const std::vector<int>& wanted);

} // namespace stinky::scan
