#pragma once

#include <string>

namespace stinky::ctl {

/// Where stinky-tak answers.
inline constexpr const char* takControlSocket = "/run/stinky-tak/control";

/// `stinkyctl tak test`: has stinky-tak send a test marker to each of its outputs, and prints what happened.
/// The exit code: 0 when every output took it. Throws Error when stinky-tak does not answer.
int testTakOutputs(const std::string& socketPath, bool json);

/// The answer of stinky-tak as lines for people.
std::string renderTakTest(const std::string& answer);

} // namespace stinky::ctl
