#include "common/exec.h"

#include "common/error.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace stinky {

std::vector<std::string> takeCommand(int& argc, char** argv) {
    for (int i = 1; i < argc; ++i)
        if (std::string_view(argv[i]) == "--") {
            std::vector<std::string> command(argv + i + 1, argv + argc);
            argc = i;
            return command;
        }
    return {};
}

void become(std::vector<std::string> command) {
    std::vector<char*> arguments;
    for (std::string& word : command)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execvp(arguments.front(), arguments.data());
    throw Error::fromErrno("run", command.front(), errno);
}

} // namespace stinky
