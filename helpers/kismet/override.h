#pragma once

#include "common/config.h"
#include "common/mac_address.h"

#include <string>
#include <string_view>

namespace stinky::kismet {

/// What Kismet's override file says, beside stinky.conf.
struct OverrideInputs {
    std::string interface; ///< in monitor mode: Kismet takes it as it is
    MacAddress address;    ///< of that card: makes the source's uuid the same at each start
    std::string captures;  ///< directory
    std::string user;
    std::string password;
};

/// The text for --override. A setting in `userText`, /etc/stinky/kismet.conf, stands in place of ours.
std::string overrideText(const Config& config, const OverrideInputs& inputs, std::string_view userText);

} // namespace stinky::kismet
