#pragma once

#include <string>
#include <vector>

namespace stinky {

/// What stands behind the first "--" of a command line, which is then taken off `argc`: a command whose
/// options an option parser must not see. Empty when there is none.
std::vector<std::string> takeCommand(int& argc, char** argv);

/// Becomes that program, looked for in $PATH: execvp(3). Throws Error when it cannot be run.
[[noreturn]] void become(std::vector<std::string> command);

} // namespace stinky
