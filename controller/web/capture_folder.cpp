#include "web/capture_folder.h"

#include "common/error.h"
#include "web/request_parts.h"
#include "web/wall_time.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace stinky::web {
namespace {

constexpr std::size_t mostCaptures = 1000;
constexpr std::size_t mostOpen = 4;
constexpr std::size_t longestLine = 4096;
// What an older capture holds before this was written long ago: the list shows what is around now.
constexpr off_t mostOfOldFile = 4 * 1024 * 1024;
constexpr std::string_view ending = ".wiglecsv";

struct DirCloser {
    void operator()(DIR* directory) const noexcept { closedir(directory); }
};

using Directory = std::unique_ptr<DIR, DirCloser>;

} // namespace

CaptureFolder::CaptureFolder(EventLoop& loop, std::string path, OnRow onRow)
    : loop_(loop),
      path_(std::move(path)),
      onRow_(std::move(onRow)),
      more_(loop.addTimer(std::chrono::milliseconds(1), "captures", [this] {
          moreArmed_ = false;
          readSome();
      })) {}

void CaptureFolder::lookAgain() {
    if (folder_)
        return;
    Fd folder(::open(path_.c_str(), O_DIRECTORY | O_RDONLY | O_CLOEXEC));
    if (!folder)
        return;
    try {
        watch_ = loop_.addInotify(path_,
                                  IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE |
                                      IN_DELETE_SELF | IN_ONLYDIR,
                                  [this](const inotify_event& event) { onEvent(event); });
    } catch (const Error&) {
        return; // it went in between
    }
    folder_ = std::move(folder);
    stale_ = true;
    followNewest();
}

void CaptureFolder::onEvent(const inotify_event& event) {
    stale_ = true;
    if ((event.mask & (IN_DELETE_SELF | IN_IGNORED)) != 0) {
        folder_.reset();
        followed_.clear();
        return;
    }
    const std::string name = event.len > 0 ? event.name : "";
    if ((event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0)
        followed_.erase(name);
    else if (isCaptureName(name) && name.ends_with(ending) && follow(name, false) != nullptr) {
        if (std::find(unread_.begin(), unread_.end(), name) == unread_.end())
            unread_.push_back(name);
        readSome();
    }
}

void CaptureFolder::followNewest() {
    for (const Capture& capture : list())
        if (capture.name.ends_with(ending)) {
            if (follow(capture.name, true) != nullptr)
                unread_.push_back(capture.name);
            break;
        }
    readSome();
}

CaptureFolder::Followed* CaptureFolder::follow(const std::string& name, bool fromOld) {
    const auto known = followed_.find(name);
    if (known != followed_.end() && known->second.fd)
        return &known->second;
    Fd fd(openat(folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info = {};
    if (!fd || fstat(fd.get(), &info) < 0 || !S_ISREG(info.st_mode))
        return nullptr;
    closeOldest();
    Followed& followed = followed_[name];
    const bool isNew = followed.inode != info.st_ino;
    if (isNew)
        followed = Followed();
    followed.fd = std::move(fd);
    followed.used = ++uses_;
    if (!isNew) {
        lseek(followed.fd.get(), followed.offset, SEEK_SET);
        return &followed;
    }
    followed.inode = info.st_ino;
    followed.oldSize = info.st_size;
    followed.oldTime = std::min(secondsOf(info.st_mtim), wallSeconds());
    if (fromOld && info.st_size > mostOfOldFile) {
        // The head says what the columns are; then the end.
        readSlice(followed);
        followed.offset = lseek(followed.fd.get(), info.st_size - mostOfOldFile, SEEK_SET);
        followed.rest.clear();
        followed.skipping = true;
    }
    return &followed;
}

void CaptureFolder::closeOldest() {
    Followed* oldest = nullptr;
    std::size_t open = 0;
    for (auto& [name, followed] : followed_)
        if (followed.fd) {
            ++open;
            if (oldest == nullptr || followed.used < oldest->used)
                oldest = &followed;
        }
    if (open >= mostOpen)
        oldest->fd.reset();
}

void CaptureFolder::readSome() {
    // One slice of each file a turn: a long capture must not keep the loop from its other work.
    std::erase_if(unread_, [&](const std::string& name) {
        Followed* followed = followed_.contains(name) ? follow(name, false) : nullptr;
        return followed == nullptr || !readSlice(*followed);
    });
    if (!unread_.empty() && !moreArmed_) {
        more_.arm(std::chrono::milliseconds(1));
        moreArmed_ = true;
    }
}

bool CaptureFolder::readSlice(Followed& followed) {
    std::array<char, 16384> buffer; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    const ssize_t length = read(followed.fd.get(), buffer.data(), buffer.size());
    if (length <= 0)
        return false;
    take(followed, {buffer.data(), static_cast<std::size_t>(length)});
    followed.offset += length;
    return static_cast<std::size_t>(length) == buffer.size();
}

void CaptureFolder::take(Followed& followed, std::string_view text) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) {
            if (followed.rest.size() + text.size() > longestLine)
                followed.skipping = true; // it may go on without end
            if (followed.skipping)
                followed.rest.clear();
            else
                followed.rest.append(text);
            return;
        }
        const std::string line = followed.rest + std::string(text.substr(0, end));
        followed.rest.clear();
        text.remove_prefix(end + 1);
        if (followed.skipping) {
            followed.skipping = false;
            continue;
        }
        const auto result = followed.reader.read(line);
        if (const auto* row = std::get_if<WigleRow>(&result))
            onRow_(*row, followed.offset < followed.oldSize ? followed.oldTime : wallSeconds());
    }
}

const std::vector<Capture>& CaptureFolder::list() {
    if (!folder_)
        captures_.clear();
    if (!folder_ || !stale_)
        return captures_;
    stale_ = false;
    captures_.clear();
    // Its own descriptor: reading moves the position in it.
    const int copy = openat(folder_.get(), ".", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
    const Directory directory(copy < 0 ? nullptr : fdopendir(copy));
    while (const dirent* entry = directory ? readdir(directory.get()) : nullptr) {
        struct stat info = {};
        if (!isCaptureName(entry->d_name) ||
            fstatat(folder_.get(), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(info.st_mode))
            continue;
        captures_.push_back(
            {entry->d_name, static_cast<std::uint64_t>(info.st_size), secondsOf(info.st_mtim)});
    }
    std::sort(captures_.begin(), captures_.end(),
              [](const Capture& a, const Capture& b) { return a.modified > b.modified; });
    if (captures_.size() > mostCaptures)
        captures_.resize(mostCaptures);
    return captures_;
}

std::optional<std::pair<Fd, std::uint64_t>> CaptureFolder::open(const std::string& name) const {
    if (!folder_ || !isCaptureName(name))
        return {};
    Fd fd(openat(folder_.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info = {};
    if (!fd || fstat(fd.get(), &info) < 0 || !S_ISREG(info.st_mode))
        return {};
    return std::pair(std::move(fd), static_cast<std::uint64_t>(info.st_size));
}

bool CaptureFolder::remove(const std::string& name) {
    if (!folder_ || !isCaptureName(name))
        return false;
    if (unlinkat(folder_.get(), name.c_str(), 0) == 0)
        return true;
    if (errno == ENOENT)
        return false;
    throw Error::fromErrno("delete", name, errno);
}

} // namespace stinky::web
