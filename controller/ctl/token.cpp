#include "ctl/token.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <fmt/format.h>

#include <grp.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace stinky::ctl {

std::string readToken(const std::string& path) {
    std::string token = readFile(path, 256);
    while (!token.empty() && (token.back() == '\n' || token.back() == ' '))
        token.pop_back();
    return token;
}

std::string renewToken(const std::string& path, const std::string& group) {
    std::array<unsigned char, 32> bytes = {};
    if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        throw Error::fromErrno("read random bytes", "getrandom", errno);
    std::string token;
    for (const unsigned char byte : bytes)
        token += fmt::format("{:02x}", byte);
    errno = 0;
    const ::group* entry = getgrnam(group.c_str());
    if (entry == nullptr)
        throw Error("find", "group " + group,
                    errno == 0 ? "there is none" : "the user database cannot be read");
    // The file is for its group from its first moment: the temporary one is root's alone until it has it.
    const std::string temporary = path + ".new";
    writeFileAtomically(temporary, token + "\n", 0600, true);
    if (chown(temporary.c_str(), static_cast<uid_t>(-1), entry->gr_gid) < 0 ||
        chmod(temporary.c_str(), 0640) < 0 || rename(temporary.c_str(), path.c_str()) < 0)
        throw Error::fromErrno("give to group " + group, path, errno);
    return token;
}

} // namespace stinky::ctl
