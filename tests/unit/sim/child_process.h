#pragma once

#include "sim/unique_fd.h"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace stinky::sim::test {

/// A program under test with its output in pipes; killed with this object if it still runs.
class ChildProcess {
public:
    /// `arguments[0]` is the path of the program. Throws std::system_error.
    explicit ChildProcess(const std::vector<std::string>& arguments);
    ~ChildProcess();

    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// The next whole line, without its end; nothing when the time is up or the program closed the pipe.
    std::optional<std::string> outputLine(std::chrono::milliseconds timeout = std::chrono::seconds(10));
    std::optional<std::string> errorLine(std::chrono::milliseconds timeout = std::chrono::seconds(10));

    void signal(int number) const;

    /// The exit status, -1 for an end by a signal or none within ten seconds.
    int wait();

private:
    struct Stream {
        UniqueFd fd;
        std::string buffer;

        std::optional<std::string> line(std::chrono::milliseconds timeout);
    };

    pid_t pid_ = -1;
    Stream output_;
    Stream error_;
};

} // namespace stinky::sim::test
