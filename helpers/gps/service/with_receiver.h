#pragma once

#include "common/config.h"

#include <string>
#include <vector>

namespace stinky::gps {

/// Waits until gpsd decodes a receiver, then becomes `command`: cgps ends by itself when it hears nothing
/// for a few seconds. Returns only when a signal ended the wait; throws Error when the command cannot be
/// run.
int runWithReceiver(const Config& config, const std::vector<std::string>& command);

} // namespace stinky::gps
