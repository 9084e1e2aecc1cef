#include "gps/service/with_receiver.h"

#include "common/error.h"
#include "common/event_loop.h"
#include "common/gpsd_client.h"
#include "common/part_status.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>
#include <utility>

namespace stinky::gps {
namespace {

constexpr int found = 1;

/// EventLoop blocks the signals that it handles; what is executed must not inherit that.
[[noreturn]] void become(const std::vector<std::string>& command) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    std::vector<char*> arguments;
    for (const std::string& argument : command)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execv(arguments[0], arguments.data());
    const int err = errno;
    if (err == ENOENT)
        throw Error("run", command[0],
                    "it is not installed: in Debian it comes with gpsd-tools or gpsd-clients", err);
    throw Error::fromErrno("run", command[0], err);
}

} // namespace

int runWithReceiver(const Config& config, const std::vector<std::string>& command) {
    int result = 0;
    {
        EventLoop loop;
        loop.exitOnSignals();
        std::string shown;
        GpsdClient* client = nullptr;
        GpsdClient gpsd(loop, config.text("GPSD"), [&] {
            const GpsState& state = client->state();
            if (state.fix.monotonic > 0)
                loop.exit(found);
            // Whoever stands before the console wants to know why it is empty.
            const std::string problem = positionProblem(state, monotonicSeconds());
            if (std::exchange(shown, problem) != problem && !problem.empty())
                std::cout << problem << std::endl;
        });
        client = &gpsd;
        result = loop.run();
    }
    if (result == found)
        become(command);
    return result;
}

} // namespace stinky::gps
