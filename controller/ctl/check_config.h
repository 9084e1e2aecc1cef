#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace stinky::ctl {

/// Something in stinky.conf that is not taken as it stands.
struct ConfigFinding {
    int line = 0;           ///< from 1; 0 when the file itself is meant
    std::string text;       ///< the line
    std::string message;    ///< what is wrong
    std::string suggestion; ///< what may have been meant; empty when there is no good guess
};

/// Every finding in the text of a stinky.conf.
std::vector<ConfigFinding> checkConfig(std::string_view text);

/// The settings whose name is nearest to `name`, when one is near.
std::string nearestKey(std::string_view name);

/// `stinkyctl check-config`: the findings, and 1 when there are any.
int showConfigFindings(const std::string& path, bool json);

} // namespace stinky::ctl
