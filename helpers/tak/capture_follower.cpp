#include "tak/capture_follower.h"

#include "common/error.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::size_t longestLine = 8192;
constexpr std::string_view suffix = ".wiglecsv";

bool isCapture(std::string_view name) {
    return name.ends_with(suffix) && !name.starts_with('.');
}

/// What decides which file is the newest: when it was last written, then its name, which holds its time.
struct Age {
    std::int64_t seconds = 0;
    std::int64_t nanoseconds = 0;
    std::string name;
    auto operator<=>(const Age&) const = default;
};

} // namespace

CaptureFollower::CaptureFollower(EventLoop& loop, std::string directory, std::chrono::seconds oldAfter,
                                 FileCallback file, LineCallback line)
    : directory_(std::move(directory)), oldAfter_(oldAfter), file_(std::move(file)), line_(std::move(line)) {
    // Watched before it is read: a file made in between is then seen twice, never missed.
    watch_ = loop.addInotify(directory_,
                             IN_CREATE | IN_MOVED_TO | IN_MODIFY | IN_DELETE | IN_MOVED_FROM | IN_ONLYDIR,
                             [this](const inotify_event& event) { onEvent(event); });
    findNewest();
}

void CaptureFollower::onEvent(const inotify_event& event) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
        readMore();
        findNewest();
        return;
    }
    if ((event.mask & IN_IGNORED) != 0)
        throw Error("watch", directory_, "the directory was removed");
    const std::string name = event.len > 0 ? event.name : "";
    if (!isCapture(name))
        return;
    const std::string path = directory_ + "/" + name;
    if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0) {
        readMore();
        follow(path);
    } else if (path != path_) {
        return;
    } else if ((event.mask & IN_MODIFY) != 0) {
        readMore();
    } else {
        readMore();
        path_.clear();
        fd_.reset();
        findNewest();
    }
}

void CaptureFollower::findNewest() {
    Age newest;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, error)) {
        const std::string name = entry.path().filename();
        struct stat st = {};
        if (!isCapture(name) || stat(entry.path().c_str(), &st) < 0 || !S_ISREG(st.st_mode))
            continue;
        newest = std::max(newest, Age{st.st_mtim.tv_sec, st.st_mtim.tv_nsec, name});
    }
    if (error)
        throw Error("list", directory_, error.message(), error.value());
    if (newest.name.empty())
        file_(path_);
    else if (directory_ + "/" + newest.name != path_)
        follow(directory_ + "/" + newest.name);
}

void CaptureFollower::follow(const std::string& path) {
    // O_NONBLOCK: a FIFO with such a name must not stop us here.
    Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    struct stat st = {};
    if (!fd || fstat(fd.get(), &st) < 0 || !S_ISREG(st.st_mode)) {
        if (errno == ENOENT) // gone again before it could be opened
            return;
        throw Error::fromErrno("follow", path, errno);
    }
    fd_ = std::move(fd);
    path_ = path;
    offset_ = 0;
    partial_.clear();
    skipping_ = false;
    file_(path_);
    if (std::time(nullptr) - st.st_mtim.tv_sec > oldAfter_.count())
        skipHistory();
    readMore();
}

void CaptureFollower::skipHistory() {
    // The head lines are needed all the same: they say what the columns mean.
    char head[longestLine];
    const ssize_t n = pread(fd_.get(), head, sizeof head, 0);
    std::string_view text(head, n > 0 ? static_cast<std::size_t>(n) : 0);
    for (int i = 0; i < 2 && text.find('\n') != std::string_view::npos; ++i) {
        const auto end = text.find('\n');
        line_(text.substr(0, end));
        text.remove_prefix(end + 1);
    }
    const off_t end = lseek(fd_.get(), 0, SEEK_END);
    offset_ = end > 0 ? end : 0;
}

void CaptureFollower::readMore() {
    if (!fd_)
        return;
    struct stat st = {};
    if (fstat(fd_.get(), &st) == 0 && st.st_size < offset_) {
        offset_ = 0;
        partial_.clear();
        skipping_ = false;
    }
    char buffer[65536];
    for (;;) {
        const ssize_t n = pread(fd_.get(), buffer, sizeof buffer, offset_);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            throw Error::fromErrno("read", path_, errno);
        if (n == 0)
            return;
        offset_ += n;
        take(std::string_view(buffer, static_cast<std::size_t>(n)));
    }
}

void CaptureFollower::take(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        const std::string_view piece = bytes.substr(0, end);
        if (!skipping_ && partial_.size() + piece.size() > longestLine) {
            skipping_ = true;
            partial_.clear();
            ++overlong_;
        }
        if (end == std::string_view::npos) {
            if (!skipping_)
                partial_ += piece;
            return;
        }
        if (!std::exchange(skipping_, false)) {
            partial_ += piece;
            line_(std::exchange(partial_, {}));
        }
        bytes.remove_prefix(end + 1);
    }
}

} // namespace stinky::tak
