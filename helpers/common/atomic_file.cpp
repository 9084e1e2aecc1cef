#include "common/atomic_file.h"

#include "common/error.h"
#include "common/fd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace stinky {
namespace {

void writeAll(int fd, std::string_view content, const std::string& path) {
    while (!content.empty()) {
        const ssize_t n = ::write(fd, content.data(), content.size());
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw Error::fromErrno("write", path, errno);
        content.remove_prefix(static_cast<std::size_t>(n));
    }
}

void syncFolderOf(const std::string& path) {
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Fd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || fsync(fd.get()) < 0)
        throw Error::fromErrno("sync", folder, errno);
}

} // namespace

void writeFileAtomically(const std::string& path, std::string_view content, mode_t mode, bool durable) {
    const auto slash = path.rfind('/');
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    // A leading dot keeps half-written files out of globs and of whoever watches the folder for *.json.
    std::string temporary = path.substr(0, name) + "." + path.substr(name) + ".XXXXXX";
    const Fd fd(mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd)
        throw Error::fromErrno("create", temporary, errno);
    try {
        writeAll(fd.get(), content, temporary);
        if (fchmod(fd.get(), mode) < 0)
            throw Error::fromErrno("set mode of", temporary, errno);
        if (durable && fsync(fd.get()) < 0)
            throw Error::fromErrno("sync", temporary, errno);
        if (rename(temporary.c_str(), path.c_str()) < 0)
            throw Error::fromErrno("replace", path, errno);
    } catch (...) {
        unlink(temporary.c_str());
        throw;
    }
    if (durable)
        syncFolderOf(path);
}

std::string readFile(const std::string& path, std::size_t limit) {
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd)
        throw Error::fromErrno("open", path, errno);
    std::string content;
    char buffer[4096];
    for (;;) {
        const ssize_t n = read(fd.get(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw Error::fromErrno("read", path, errno);
        if (n == 0)
            return content;
        content.append(buffer, static_cast<std::size_t>(n));
        if (content.size() > limit)
            throw Error("read", path, "longer than " + std::to_string(limit) + " bytes");
    }
}

} // namespace stinky
