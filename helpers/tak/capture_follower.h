#pragma once

#include "common/event_loop.h"
#include "common/fd.h"

#include <functional>
#include <string>
#include <string_view>

namespace stinky::tak {

/// Follows the newest *.wiglecsv of a directory by inotify, line by line, and goes over to a newer one when
/// it comes, after the old one was read to its end. A file that shrinks is read again from its start.
class CaptureFollower {
public:
    using LineCallback = std::function<void(std::string_view line)>;
    using FileCallback = std::function<void(const std::string& path)>;

    /// `line` gets each whole line without its '\n'; `file` is called when another file is followed. A file
    /// that was not written to for `oldAfter` is only followed from its end on: what it holds is no news.
    /// Throws Error when the directory cannot be watched.
    CaptureFollower(EventLoop& loop, std::string directory, std::chrono::seconds oldAfter, FileCallback file,
                    LineCallback line);

    /// Empty while there is none.
    const std::string& path() const noexcept { return path_; }

    /// Lines that were longer than any row can be, and were passed over.
    std::uint64_t overlong() const noexcept { return overlong_; }

private:
    void onEvent(const inotify_event& event);
    void findNewest();
    void follow(const std::string& path);
    void readMore();
    void take(std::string_view bytes);
    void skipHistory();

    std::string directory_;
    std::chrono::seconds oldAfter_;
    FileCallback file_;
    LineCallback line_;
    std::string path_;
    Fd fd_;
    std::int64_t offset_ = 0;
    std::string partial_;
    bool skipping_ = false; ///< the rest of an overlong line
    std::uint64_t overlong_ = 0;
    EventSource watch_;
};

} // namespace stinky::tak
