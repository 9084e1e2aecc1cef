#pragma once

#include <string>

namespace stinky::tak {

/// What a copy of WigleToTAK lacks to be run, as a sentence that says what to do; empty when it lacks
/// nothing. `directory`: WIGLETOTAK_DIR=.
std::string whatIsMissing(const std::string& directory);

} // namespace stinky::tak
