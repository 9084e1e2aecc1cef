#include "gps/port_holder.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <string_view>

namespace stinky::gps {
namespace {

namespace fs = std::filesystem;

std::optional<pid_t> processId(const std::string& name) {
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    return error == std::errc() && end == name.data() + name.size() ? std::optional(pid) : std::nullopt;
}

bool hasOpen(const fs::path& descriptors, dev_t device) {
    std::error_code error; // processes end while they are looked at, and some are not ours to see
    for (fs::directory_iterator at(descriptors, error), end; !error && at != end; at.increment(error)) {
        std::error_code linkError;
        const std::string target = fs::read_symlink(at->path(), linkError).string();
        // stat(2) on something else, such as a file on a dead network mount, could wait for ever.
        if (linkError || !target.starts_with("/dev/"))
            continue;
        struct stat status = {};
        if (stat(at->path().c_str(), &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == device)
            return true;
    }
    return false;
}

std::string nameOf(const fs::path& process) {
    try {
        std::string name = readFile((process / "comm").string(), 256);
        while (!name.empty() && name.back() == '\n')
            name.pop_back();
        return name;
    } catch (const Error&) { // it has just ended
        return "a process";
    }
}

} // namespace

std::optional<PortHolder> findPortHolder(dev_t device, const std::string& proc) {
    std::error_code error;
    for (fs::directory_iterator at(proc, error), end; !error && at != end; at.increment(error)) {
        const auto pid = processId(at->path().filename().string());
        if (pid && *pid != getpid() && hasOpen(at->path() / "fd", device))
            return PortHolder{*pid, nameOf(at->path())};
    }
    return std::nullopt;
}

} // namespace stinky::gps
