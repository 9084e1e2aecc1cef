#include "generator/machine_facts.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/fd.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>

namespace stinky::generator {
namespace {

namespace fs = std::filesystem;

/// The tty whose device is the one that the device tree calls `alias`; empty when there is none.
std::string ttyOfAlias(const std::string& alias, const std::string& root) {
    std::string node;
    try {
        node = readFile(root + "/proc/device-tree/aliases/" + alias, 4096);
    } catch (const Error&) { // most machines have no device tree
        return {};
    }
    node = node.substr(0, node.find('\0'));
    std::error_code error;
    for (fs::directory_iterator at(root + "/sys/class/tty", error), end; !error && at != end;
         at.increment(error)) {
        std::error_code linkError;
        const std::string of = fs::canonical(at->path() / "device/of_node", linkError).string();
        if (!linkError && !node.empty() && of.ends_with(node))
            return at->path().filename().string();
    }
    return {};
}

} // namespace

bool kismetIsInstalled(const std::string& root) {
    // Where systemd looks for a program without a path.
    return std::ranges::any_of(std::array{"/usr/local/bin/kismet", "/usr/bin/kismet"},
                               [&](const char* path) { return access((root + path).c_str(), X_OK) == 0; });
}

bool hasGroup(const std::string& name, const std::string& root) {
    // Not getgrnam(3): a generator must not ask other programs, and a name service is one.
    std::string groups;
    try {
        groups = "\n" + readFile(root + "/etc/group");
    } catch (const Error&) {
        return false;
    }
    return groups.find("\n" + name + ":") != std::string::npos;
}

GpsPort resolvePort(const std::string& path, const std::string& root) {
    std::error_code error;
    const std::string canonical = fs::canonical(root + path, error).string();
    if (!error)
        return {canonical.substr(root.size()), true};
    const std::string tty = ttyOfAlias(fs::path(path).filename().string(), root);
    if (tty.empty())
        return {path, false};
    return {"/dev/" + tty, fs::exists(root + "/dev/" + tty, error)};
}

MachineFacts lookAtMachine(const Config& config) {
    MachineFacts facts;
    for (const std::string& path : config.list("GPS_DEVICES")) {
        const GpsPort port = resolvePort(path);
        // A link whose target is elsewhere, such as in /tmp, is none of a port's names.
        const bool known =
            std::ranges::any_of(facts.gpsPorts, [&](const GpsPort& p) { return p.path == port.path; });
        if (port.path.starts_with("/dev/") && !known)
            facts.gpsPorts.push_back(port);
    }
    // With IPv6 switched off by sysctl there are still such sockets; FreeBind= of the socket unit does for
    // that.
    const Fd probe(socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    facts.ipv6 = probe || errno != EAFNOSUPPORT;
    facts.kismet = kismetIsInstalled();
    facts.kismetGroup = hasGroup("kismet");
    return facts;
}

} // namespace stinky::generator
