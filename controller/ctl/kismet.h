#pragma once

#include "common/config.h"

#include <string>

namespace stinky::ctl {

/// Where Kismet's page answers and its login, of its file. `host` stands for an address that means all of
/// them.
struct KismetPage {
    std::string url;
    std::string user;
    std::string password;
    bool local = false; ///< it answers on this machine only
};

KismetPage kismetPage(const Config& config, const std::string& login, const std::string& host);

/// For people.
std::string renderKismet(const KismetPage& page, const std::string& host);

/// Prints the page, with the login that the service keeps; the exit code. Throws Error when it cannot be
/// read.
int showKismet(const Config& config, bool json);

} // namespace stinky::ctl
