#include "systemd/part_directory.h"

#include "common/error.h"
#include "common/fd.h"
#include "common/part_status.h"
#include "systemd/part_file.h"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>

namespace stinky::systemd {
namespace {

constexpr std::size_t mostParts = 64;
constexpr double flushInterval = 0.1;
constexpr std::uint32_t folderMask =
    IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t ancestorMask = IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

std::chrono::microseconds seconds(double value) {
    return std::chrono::microseconds(static_cast<std::int64_t>(std::max(0.0, value) * 1e6));
}

Fd openFolder(const std::string& path) {
    return Fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::string parentOf(const std::string& path) {
    const auto slash = path.find_last_of('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace

PartDirectory::PartDirectory(EventLoop& loop, std::string path,
                             std::function<void(std::vector<core::PartView>)> changed,
                             std::function<void()> expired)
    : loop_(loop), path_(std::move(path)), changed_(std::move(changed)), expired_(std::move(expired)) {
    flushTimer_ = loop.addTimer(std::chrono::milliseconds(1), "read part status", [this] {
        flushArmed_ = false;
        flush();
    });
    expiryTimer_ = loop.addTimer(std::chrono::milliseconds(500), "part status expiry", [this] {
        expired_();
        armExpiry();
    });
}

void PartDirectory::start() {
    watch();
}

void PartDirectory::watch() {
    // The folder may come between the look for it and the watch above it: then it is looked for again.
    while (!watchFolder() && !watchAncestor()) {
    }
    scan();
}

bool PartDirectory::watchFolder() {
    watched_ = false;
    try {
        source_ =
            loop_.addInotify(path_, folderMask, [this](const inotify_event& event) { onEvent(event); });
        watched_ = true;
    } catch (const Error& e) {
        if (e.code() != ENOENT && e.code() != ENOTDIR)
            throw;
    }
    return watched_;
}

/// False when what was missing has turned up in between.
bool PartDirectory::watchAncestor() {
    std::string missing = path_;
    for (;;) {
        const std::string above = parentOf(missing);
        try {
            source_ = loop_.addInotify(above, ancestorMask,
                                       [this](const inotify_event& event) { onEvent(event); });
        } catch (const Error& e) {
            if ((e.code() != ENOENT && e.code() != ENOTDIR) || above == "/" || above == ".")
                throw;
            missing = above;
            continue;
        }
        return !openFolder(missing);
    }
}

void PartDirectory::onEvent(const inotify_event& event) {
    if (!watched_ ||
        (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT | IN_Q_OVERFLOW)) != 0) {
        // Not from here: a source must not be replaced within its own callback.
        rewatchNeeded_ = true;
    } else {
        const std::string_view part = event.len > 0 ? partOfFileName(event.name) : std::string_view();
        if (part.empty())
            return;
        dirty_.emplace(part);
    }
    if (!std::exchange(flushArmed_, true))
        flushTimer_.arm(seconds(lastFlush_ + flushInterval - monotonicSeconds()));
}

/// Takes every file that is there for changed, and those that are not for gone.
void PartDirectory::scan() {
    for (const auto& [part, view] : parts_)
        dirty_.insert(part);
    if (watched_) {
        const std::unique_ptr<DIR, int (*)(DIR*)> entries(opendir(path_.c_str()), closedir);
        while (const dirent* entry = entries ? readdir(entries.get()) : nullptr) {
            const std::string_view part = partOfFileName(entry->d_name);
            if (!part.empty() && dirty_.size() < mostParts)
                dirty_.emplace(part);
        }
    }
    flush();
}

void PartDirectory::flush() {
    if (std::exchange(rewatchNeeded_, false)) {
        watch();
        return;
    }
    lastFlush_ = monotonicSeconds();
    const Fd folder = openFolder(path_);
    bool news = false;
    for (const std::string& part : std::exchange(dirty_, {})) {
        core::PartView view;
        const bool exists = folder && readPartFile(folder.get(), part, lastFlush_, view);
        const auto known = parts_.find(part);
        if (!exists) {
            news |= parts_.erase(part) > 0;
        } else if (known != parts_.end() ? known->second != view : parts_.size() < mostParts) {
            parts_[part] = std::move(view);
            news = true;
        }
    }
    armExpiry();
    if (!news)
        return;
    std::vector<core::PartView> all;
    for (const auto& [part, view] : parts_)
        all.push_back(view);
    changed_(std::move(all));
}

/// For the report that goes stale next; nothing is to be done for those that are.
void PartDirectory::armExpiry() {
    const double now = monotonicSeconds();
    double earliest = -1;
    for (const auto& [part, view] : parts_)
        if (!view.eventDriven && !view.staleAt(now) && (earliest < 0 || view.writtenAt < earliest))
            earliest = view.writtenAt;
    if (earliest < 0)
        expiryTimer_.disarm();
    else
        expiryTimer_.arm(seconds(earliest + core::staleAfterSeconds - now) + std::chrono::milliseconds(1));
}

} // namespace stinky::systemd
