#include "tak/capture_follower.h"

#include "common/error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::size_t headSize = 8192;
constexpr std::size_t rememberedBytes = 64;
constexpr std::string_view suffix = ".wiglecsv";

/// What decides which file is the newest: when it was last written, then its name, which holds its time.
struct Age {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::string name;
    auto operator<=>(const Age&) const = default;
};

/// A regular file, or nothing. O_NONBLOCK: a FIFO with such a name must not stop us here.
Fd openRegular(const std::string& path, struct stat& st) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!fd && errno == ENOENT)
        return {};
    if (!fd || fstat(fd.get(), &st) < 0)
        throw Error::fromErrno("read", path, errno);
    if (!S_ISREG(st.st_mode))
        return {};
    return fd;
}

std::size_t readAt(int fd, const std::string& path, char* buffer, std::size_t size, std::int64_t offset) {
    for (;;) {
        const ssize_t n = pread(fd, buffer, size, offset);
        if (n >= 0)
            return static_cast<std::size_t>(n);
        if (errno != EINTR)
            throw Error::fromErrno("read", path, errno);
    }
}

/// The first two lines; where they end.
template <typename Line>
std::int64_t readHead(int fd, const std::string& path, const Line& line) {
    std::array<char, headSize> head;
    std::string_view text(head.data(), readAt(fd, path, head.data(), head.size(), 0));
    std::int64_t end = 0;
    for (int i = 0; i < 2; ++i) {
        const auto at = text.find('\n');
        if (at == std::string_view::npos)
            break;
        line(text.substr(0, at));
        text.remove_prefix(at + 1);
        end += static_cast<std::int64_t>(at) + 1;
    }
    return end;
}

} // namespace

CaptureFollower::CaptureFollower(EventLoop& loop, Options options, Callbacks callbacks)
    : options_(std::move(options)), callbacks_(std::move(callbacks)) {
    // Watched before it is read: a file made in between is then seen twice, never missed.
    watch_ = loop.addInotify(options_.directory,
                             IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR,
                             [this](const inotify_event& event) { onEvent(event); });
    if (options_.resumeAt && resume(*options_.resumeAt))
        readMore();
    findNewest();
    callbacks_.pause();
}

CapturePosition CaptureFollower::position() const {
    CapturePosition position = position_;
    position.offset -= static_cast<std::int64_t>(lines_.rest().size());
    return position;
}

bool CaptureFollower::isCapture(std::string_view name) const {
    if (!options_.only.empty())
        return name == options_.only;
    return name.ends_with(suffix) && !name.starts_with('.');
}

void CaptureFollower::onEvent(const inotify_event& event) {
    if ((event.mask & IN_IGNORED) != 0)
        throw Error("watch", options_.directory, "the directory was removed");
    const std::string name = event.len > 0 ? event.name : "";
    const std::string path = options_.directory + "/" + name;
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
        readMore();
        findNewest();
    } else if (!isCapture(name)) {
        return;
    } else if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
        readMore();
        follow(path);
    } else if (path != position_.path) {
        return;
    } else if ((event.mask & IN_MODIFY) != 0) {
        readMore();
    } else {
        readMore();
        position_ = {};
        fd_.reset();
        findNewest();
    }
    callbacks_.pause();
}

void CaptureFollower::findNewest() {
    Age newest;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(options_.directory, error)) {
        const std::string name = entry.path().filename();
        struct stat st = {};
        if (!isCapture(name) || lstat(entry.path().c_str(), &st) < 0 || !S_ISREG(st.st_mode))
            continue;
        newest = std::max(newest, Age{st.st_mtim.tv_sec, st.st_mtim.tv_nsec, name});
    }
    if (error)
        throw Error("list", options_.directory, error.message(), error.value());
    if (newest.name.empty())
        callbacks_.file(position_.path, false);
    else if (options_.directory + "/" + newest.name != position_.path)
        follow(options_.directory + "/" + newest.name);
}

/// False when there is no such file (any more), or none that could be a capture.
bool CaptureFollower::open(const std::string& path) {
    struct stat st = {};
    Fd fd = openRegular(path, st);
    if (!fd)
        return false;
    fd_ = std::move(fd);
    position_ = {path, st.st_ino, 0};
    lines_.clear();
    last_.clear();
    return true;
}

void CaptureFollower::follow(const std::string& path) {
    if (!open(path))
        return;
    callbacks_.file(path, false);
    struct stat st = {};
    if (fstat(fd_.get(), &st) == 0 && std::time(nullptr) - st.st_mtim.tv_sec > options_.oldAfter.count())
        skipHistory();
    readMore();
}

bool CaptureFollower::resume(const CapturePosition& position) {
    struct stat st = {};
    if (lstat(position.path.c_str(), &st) < 0 || st.st_ino != position.inode || st.st_size < position.offset)
        return false;
    if (!open(position.path) || position_.inode != position.inode)
        return false;
    position_.offset = position.offset;
    callbacks_.file(position.path, true);
    return true;
}

void CaptureFollower::skipHistory() {
    readHead(fd_.get(), position_.path, callbacks_.line);
    const off_t end = lseek(fd_.get(), 0, SEEK_END);
    position_.offset = end > 0 ? end : 0;
}

/// Truncated, or written anew: what was read last is not what stands there.
bool CaptureFollower::rewritten() const {
    std::array<char, rememberedBytes> now;
    const std::size_t n = readAt(fd_.get(), position_.path, now.data(), last_.size(),
                                 position_.offset - static_cast<std::int64_t>(last_.size()));
    return std::string_view(now.data(), n) != last_;
}

void CaptureFollower::startOver() {
    position_.offset = 0;
    lines_.clear();
    last_.clear();
}

void CaptureFollower::remember(std::string_view bytes) {
    if (bytes.size() < rememberedBytes)
        last_ += bytes;
    else
        last_.assign(bytes.substr(bytes.size() - rememberedBytes));
    if (last_.size() > rememberedBytes)
        last_.erase(0, last_.size() - rememberedBytes);
}

void CaptureFollower::readMore() {
    if (!fd_)
        return;
    if (rewritten())
        startOver();
    std::array<char, 65536> buffer;
    while (const std::size_t n =
               readAt(fd_.get(), position_.path, buffer.data(), buffer.size(), position_.offset)) {
        position_.offset += static_cast<std::int64_t>(n);
        const std::string_view bytes(buffer.data(), n);
        remember(bytes);
        lines_.take(bytes, callbacks_.line);
        if (n == buffer.size())
            callbacks_.pause();
    }
}

void readRange(const std::string& path, std::int64_t from, std::int64_t to,
               const std::function<void(std::string_view line)>& line) {
    struct stat st = {};
    const Fd fd = openRegular(path, st);
    if (!fd)
        throw Error("read", path, "no such file, or not a regular one");
    if (from > 0)
        from = std::max(from, readHead(fd.get(), path, line));
    LineSplitter lines;
    std::array<char, 65536> buffer;
    while (from < to) {
        const auto wanted = std::min<std::int64_t>(static_cast<std::int64_t>(buffer.size()), to - from);
        const std::size_t n = readAt(fd.get(), path, buffer.data(), static_cast<std::size_t>(wanted), from);
        if (n == 0)
            return;
        from += static_cast<std::int64_t>(n);
        lines.take({buffer.data(), n}, line);
    }
}

} // namespace stinky::tak
