#include "common/captures.h"

#include "common/config.h"
#include "common/error.h"
#include "common/fd.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <memory>

namespace stinky {
namespace {

constexpr std::int64_t secondsOfDay = 86400;
// A directory with more holds the rest back for the next look.
constexpr std::size_t mostFiles = 10000;

struct Capture {
    std::int64_t modified = 0;
    std::string name;
    auto operator<=>(const Capture&) const = default;
};

std::vector<Capture> oldestFirst(int directory, const std::string& path) {
    const int copy = dup(directory);
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(copy < 0 ? nullptr : fdopendir(copy), closedir);
    if (!entries)
        throw Error::fromErrno("read", path, errno);
    std::vector<Capture> found;
    while (const dirent* entry = readdir(entries.get())) {
        const std::string name = entry->d_name;
        struct stat file = {};
        if (name.ends_with(".wiglecsv") && found.size() < mostFiles &&
            fstatat(directory, name.c_str(), &file, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(file.st_mode))
            found.push_back({file.st_mtim.tv_sec, name});
    }
    std::ranges::sort(found);
    return found;
}

/// A write lease is given to the owner of a file that nobody else has open.
bool removeUnlessOpen(int directory, const std::string& name) {
    const Fd file(openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file || fcntl(file.get(), F_SETLEASE, F_WRLCK) < 0)
        return false;
    // Held until it is gone: who opens it meanwhile waits for that.
    return unlinkat(directory, name.c_str(), 0) == 0;
}

} // namespace

CaptureRules CaptureRules::of(const Config& config) {
    return {config.bytes("CAPTURE_ROTATE_SIZE"), config.bytes("CAPTURE_KEEP_FREE"),
            config.number("CAPTURE_MAX_AGE") * secondsOfDay};
}

bool captureIsOver(const CaptureRules& rules, std::uint64_t size, std::time_t begun,
                   std::time_t now) noexcept {
    return size >= rules.rotateSize || begun / secondsOfDay != now / secondsOfDay;
}

std::uint64_t freeBytes(const std::string& directory) {
    struct statvfs disk = {};
    if (statvfs(directory.c_str(), &disk) < 0)
        throw Error::fromErrno("ask for the free space of", directory, errno);
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

CaptureSpace pruneCaptures(const std::string& directory, const CaptureRules& rules, std::time_t now) {
    static const auto ignored = std::signal(SIGIO, SIG_IGN);
    (void)ignored;
    CaptureSpace space;
    space.free = freeBytes(directory);
    if (space.enough(rules) && rules.maxAge == 0)
        return space;
    const Fd folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder)
        throw Error::fromErrno("open", directory, errno);
    for (const Capture& capture : oldestFirst(folder.get(), directory)) {
        const bool tooOld = rules.maxAge > 0 && now - capture.modified > rules.maxAge;
        if (!tooOld && space.enough(rules))
            break;
        if (removeUnlessOpen(folder.get(), capture.name)) {
            space.removed.push_back(directory + "/" + capture.name);
            space.free = freeBytes(directory);
        }
    }
    return space;
}

} // namespace stinky
