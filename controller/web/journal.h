#pragma once

#include "common/event_loop.h"

#include <nlohmann/json.hpp>
#include <systemd/sd-journal.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::web {

/// Which records of the journal.
struct LogQuery {
    std::string part;        ///< "scan"; empty: all of ours, and what systemd says of our units
    int priority = 6;        ///< up to this one, 0..7 as in syslog(3)
    std::uint64_t since = 0; ///< microseconds since 1970
    std::size_t limit = 200;
};

/// One record, for people.
struct LogRecord {
    std::uint64_t time = 0; ///< microseconds since 1970
    int priority = 6;
    std::string part;
    std::string event;
    std::string message;
};

nlohmann::ordered_json toJson(const LogRecord& record);

struct JournalDeleter {
    void operator()(sd_journal* journal) const noexcept { sd_journal_close(journal); }
};

using Journal = std::unique_ptr<sd_journal, JournalDeleter>;

/// The last records that match, the oldest first. Stops early where the journal is slow. `directory`: of the
/// journal's files, empty for the system's. Throws Error.
std::vector<LogRecord> readLog(const LogQuery& query, const std::string& directory);

/// Tells of each new record of ours, on the loop.
class LogFollower {
public:
    /// Throws Error.
    LogFollower(EventLoop& loop, const std::string& directory,
                std::function<void(const LogRecord&)> onRecord);

private:
    void read();

    Journal journal_;
    std::function<void(const LogRecord&)> onRecord_;
    EventSource io_;
    Timer more_;
};

} // namespace stinky::web
