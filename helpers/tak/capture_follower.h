#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "tak/line_splitter.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace stinky::tak {

/// A place in a capture: which file, and how far it was read.
struct CapturePosition {
    std::string path;
    std::uint64_t inode = 0;
    std::int64_t offset = 0; ///< bytes, at the start of a line

    bool operator==(const CapturePosition&) const = default;
};

/// Follows the newest *.wiglecsv of a directory by inotify, line by line, and goes over to a newer one when
/// it comes, after the old one was read to its end. A file that was truncated, rewritten or replaced is read
/// from its start.
class CaptureFollower {
public:
    struct Callbacks {
        /// Another file is followed; an empty path when there is none. `resumed`: from where it was left
        /// before, so that its head lines do not come.
        std::function<void(const std::string& path, bool resumed)> file;
        /// Each whole line, without its '\n'.
        std::function<void(std::string_view line)> line;
        /// All that was there has been handed over.
        std::function<void()> pause;
    };

    struct Options {
        std::string directory;
        std::string only; ///< the one name that is followed; empty for the newest
        /// A file that was not written to for so long is only followed from its end on: what it holds is no
        /// news.
        std::chrono::seconds oldAfter{600};
        std::optional<CapturePosition> resumeAt;
    };

    /// Reads what is there. Throws Error when the directory cannot be watched.
    CaptureFollower(EventLoop& loop, Options options, Callbacks callbacks);

    /// Empty while there is none.
    const std::string& path() const noexcept { return position_.path; }

    /// What has been handed over.
    CapturePosition position() const;

    std::uint64_t overlong() const noexcept { return lines_.overlong(); }

private:
    bool isCapture(std::string_view name) const;
    void onEvent(const inotify_event& event);
    void findNewest();
    bool open(const std::string& path);
    void follow(const std::string& path);
    bool resume(const CapturePosition& position);
    void readMore();
    void startOver();
    bool rewritten() const;
    void remember(std::string_view bytes);
    void skipHistory();

    Options options_;
    Callbacks callbacks_;
    CapturePosition position_; ///< its offset: of the next byte to read
    Fd fd_;
    LineSplitter lines_;
    std::string last_; ///< the bytes before the offset, as they were read
    EventSource watch_;
};

/// Calls `line` for each line of a file between two offsets, and for its first two when it starts behind
/// them: they say what the columns mean. Throws Error when it cannot be read.
void readRange(const std::string& path, std::int64_t from, std::int64_t to,
               const std::function<void(std::string_view line)>& line);

} // namespace stinky::tak
