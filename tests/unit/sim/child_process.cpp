#include "unit/sim/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

extern char** environ;

namespace stinky::sim::test {

namespace {

using Clock = std::chrono::steady_clock;

std::array<UniqueFd, 2> makePipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe2");
    }
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

bool readable(int fd, Clock::time_point deadline) {
    pollfd state{fd, POLLIN, 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return poll(&state, 1, static_cast<int>(std::max<std::int64_t>(left, 0))) > 0;
}

} // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
    auto output = makePipe();
    auto error = makePipe();
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, output[1].get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, error[1].get(), STDERR_FILENO);
    std::vector<char*> pointers;
    pointers.reserve(arguments.size() + 1);
    for (const std::string& argument : arguments) {
        pointers.push_back(const_cast<char*>(argument.c_str()));
    }
    pointers.push_back(nullptr);
    const int failure = posix_spawn(&pid_, pointers[0], &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) {
        throw std::system_error(failure, std::generic_category(), arguments.at(0));
    }
    output_.fd = std::move(output[0]);
    error_.fd = std::move(error[0]);
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
}

std::optional<std::string> ChildProcess::outputLine(std::chrono::milliseconds timeout) {
    return output_.line(timeout);
}

std::optional<std::string> ChildProcess::errorLine(std::chrono::milliseconds timeout) {
    return error_.line(timeout);
}

std::optional<std::string> ChildProcess::Stream::line(std::chrono::milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    std::size_t end = buffer.find('\n');
    while (end == std::string::npos && readable(fd.get(), deadline)) {
        std::array<char, 4096> bytes{};
        const ssize_t size = read(fd.get(), bytes.data(), bytes.size());
        if (size <= 0) {
            break;
        }
        buffer.append(bytes.data(), static_cast<std::size_t>(size));
        end = buffer.find('\n');
    }
    if (end == std::string::npos) {
        return std::nullopt;
    }
    std::string line = buffer.substr(0, end);
    buffer.erase(0, end + 1);
    return line;
}

void ChildProcess::signal(int number) const {
    kill(pid_, number);
}

int ChildProcess::wait() {
    const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    if (!process || !readable(process.get(), Clock::now() + std::chrono::seconds(10))) {
        return -1;
    }
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_) {
        return -1;
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace stinky::sim::test
