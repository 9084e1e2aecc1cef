#include "kismet/login.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <fmt/format.h>

#include <grp.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace stinky::kismet {
namespace {

constexpr std::size_t longestLogin = 512;

std::string randomPassword() {
    std::array<std::uint8_t, 16> bytes = {};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw Error::fromErrno("make", "a password", errno);
    std::string password;
    for (const std::uint8_t byte : bytes)
        password += fmt::format("{:02x}", byte);
    return password;
}

Login parseLogin(const std::string& line, const std::string& path) {
    const auto colon = line.find(':');
    const auto end = line.find('\n');
    if (colon == std::string::npos || colon == 0 || end == std::string::npos || end <= colon + 1)
        throw Error("read", path, "it is not one line user:password; remove it to have it made anew");
    return {line.substr(0, colon), line.substr(colon + 1, end - colon - 1)};
}

} // namespace

Login keepLogin(const std::string& path, const std::string& group) {
    try {
        return parseLogin(readFile(path, longestLogin), path);
    } catch (const Error& e) {
        if (e.code() != ENOENT)
            throw;
    }
    const Login login = {"stinky", randomPassword()};
    writeFileAtomically(path, login.user + ":" + login.password + "\n", 0640, true);
    // Who may start and stop the survey may also look at Kismet's page.
    const ::group* entry = group.empty() ? nullptr : getgrnam(group.c_str());
    if (entry != nullptr && chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) < 0)
        throw Error::fromErrno("give to the group " + group, path, errno);
    return login;
}

} // namespace stinky::kismet
