#pragma once

#include "common/event_loop.h"
#include "web/http.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "view/journal.h"

namespace stinky::web {

/// Which records of the journal.
struct LogQuery {
    std::string part; ///< "scan", "radio@wlan2", "radio" for all of them; empty: everything of ours
    int priority = 6; ///< up to this one, 0..7 as in syslog(3)
    double since = 0; ///< seconds since 1970
    std::size_t limit = 200;
    bool follow = false;
};

/// Reads part, priority, since, limit and follow. Nothing, and `why` for people, for a name that is none of
/// these or a value that cannot be.
std::optional<LogQuery> parseLogQuery(const Parameters& query, std::string& why);

/// The part that a record is of, whoever wrote it: "scan" for what stinky-scan says and for what systemd
/// says of its unit; empty for what is not ours.
std::string partOf(const view::LogRecord& record);

/// True when a record of `part` is asked for.
bool isOfPart(std::string_view part, std::string_view asked);

nlohmann::ordered_json logJson(const view::LogRecord& record);

/// The journal for those who ask for its last records. Opening takes a slow disk its time: it stays open
/// while somebody asks, and is closed after that, because it would keep files that journald has deleted.
class LogReader {
public:
    /// `directory`: of the journal's files, empty for the system's.
    LogReader(EventLoop& loop, std::string directory);

    /// The last records that match, the oldest first; past the newest few, those that
    /// were found within 50 ms where the disk is slow.
    /// `units`: those that there are now, for what systemd says of them. Throws Error.
    std::vector<view::LogRecord> read(const LogQuery& query, const std::vector<std::string>& units);

private:
    std::string directory_;
    std::optional<view::Journal> journal_;
    Timer close_;
};

/// Tells of each new record of ours, on the loop.
class LogFollower {
public:
    using OnRecord = std::function<void(const view::LogRecord&)>;
    /// It cannot go on. This may end it.
    using OnEnd = std::function<void(const std::string& why)>;

    /// Throws Error.
    LogFollower(EventLoop& loop, const std::string& directory, OnRecord onRecord, OnEnd onEnd);

private:
    void read();
    void readSome();

    view::Journal journal_;
    OnRecord onRecord_;
    OnEnd onEnd_;
    EventSource io_;
    Timer more_;
};

} // namespace stinky::web
