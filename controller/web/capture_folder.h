#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "common/wigle_csv.h"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::web {

/// A capture as it lies on the disk.
struct Capture {
    std::string name;
    std::uint64_t size = 0;
    double modified = 0; ///< seconds since 1970
};

/// The folder of the captures: what is in it, and the rows that are written to it. It may not be there yet.
class CaptureFolder {
public:
    /// `heard`: seconds since 1970. Rows that were there before they were followed are as old as their file.
    using OnRow = std::function<void(const WigleRow&, double heard)>;

    /// Begins with the first lookAgain(): it tells of rows at once.
    CaptureFolder(EventLoop& loop, std::string path, OnRow onRow);
    CaptureFolder(const CaptureFolder&) = delete;
    CaptureFolder& operator=(const CaptureFolder&) = delete;

    /// Looks again for a folder that was not there. Cheap where it was.
    void lookAgain();

    /// The newest first, at most 1000. Read anew only after something happened in the folder.
    const std::vector<Capture>& list();
    /// Opened for reading, with its size; nothing when it is not there or no regular file.
    std::optional<std::pair<Fd, std::uint64_t>> open(const std::string& name) const;
    /// False when it is not there. Throws Error.
    bool remove(const std::string& name);

private:
    /// A file whose rows are read. It stays known when it is closed to let another one be open, so that no
    /// row is read twice.
    struct Followed {
        Fd fd;
        ino_t inode = 0;
        off_t offset = 0; ///< up to which it was read
        off_t oldSize = 0;
        double oldTime = 0; ///< of what is before that size, seconds since 1970
        WigleReader reader;
        std::string rest; ///< of a line that is not whole yet
        bool skipping = false;
        std::uint64_t used = 0; ///< when it was opened last, as a count
    };

    void onEvent(const inotify_event& event);
    void followNewest();
    Followed* follow(const std::string& name, bool fromOld);
    void closeOldest();
    void readSome();
    bool readSlice(Followed& followed);
    void take(Followed& followed, std::string_view text);

    EventLoop& loop_;
    std::string path_;
    OnRow onRow_;
    EventSource watch_;
    Fd folder_;
    bool stale_ = true;
    std::vector<Capture> captures_;
    std::map<std::string, Followed> followed_;
    std::uint64_t uses_ = 0;
    std::vector<std::string> unread_; ///< names of files that may have more
    Timer more_;
    bool moreArmed_ = false;
};

} // namespace stinky::web
