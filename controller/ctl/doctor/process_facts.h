#pragma once

#include "ctl/doctor/facts.h"

#include <string>
#include <vector>

namespace stinky::ctl {

/// The programs that have `path` open. Those of others are seen by root only.
std::vector<std::string> holdersOf(const std::string& path);

/// TCP sockets that listen and bound UDP sockets, each with its programs as far as we may see.
std::vector<Listener> listeners();

} // namespace stinky::ctl
