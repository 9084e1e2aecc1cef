#pragma once

#include "common/config.h"
#include "ctl/client.h"

#include <string>
#include <vector>

namespace stinky::ctl {

// The numbers of systemctl(1), which are those of the LSB. 4 means another thing to those who look than to
// those who change something.
inline constexpr int exitUsage = 2;
inline constexpr int exitNotRunning = 3;
inline constexpr int exitUnknown = 4;
inline constexpr int exitNoPermission = 4;
inline constexpr int exitNotInstalled = 5;

/// The command line.
struct Options {
    Client::Where where;
    bool json = false;
    bool noWait = false;
    bool noConnect = false; ///< the doctor tries no output
    bool watch = false;
    bool renew = false; ///< the token of the web page
    bool follow = false;
    double timeout = 120; ///< seconds
    std::string config = defaultConfigPath;
    std::vector<std::string> parts;
    std::uint32_t limit = 50;
    std::size_t lines = 50;
    int priority = 7;
    std::string output; ///< a file's name
};

} // namespace stinky::ctl
