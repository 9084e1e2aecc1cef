#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "view/describe.h"

struct sd_journal;

namespace stinky::view {

/// What is asked of the journal.
struct LogQuery {
    std::vector<std::string> units;      ///< whole names; empty for all of the sensor's
    std::vector<std::string> known = {}; ///< units that there are: with all of the sensor's, for instances
    int priority = 7;                    ///< of syslog(3): this and worse
    std::size_t limit = 100;             ///< the last so many
    std::optional<double> since = {};    ///< seconds since 1970
    std::string after = {};              ///< a cursor: only what came later; `limit` then counts from there
};

/// One record.
struct LogRecord {
    double time = 0; ///< seconds since 1970
    int priority = 6;
    std::string unit;    ///< "stinky-scan.service"; what systemd itself says of a unit counts as the unit's
    std::string message; ///< fit for a screen
    std::string event;   ///< STINKY_EVENT=, may be empty
    std::string identifier; ///< of syslog: who wrote it
    std::string cursor;
};

/// For Journal::choose(): what the programs of the sensor write, and what systemd says of their units. Of
/// instances only what they write themselves, for they are not known here.
std::vector<std::string> termsOfSensor();
/// What these units write, and what systemd says of them.
std::vector<std::string> termsOfUnits(const std::vector<std::string>& units);

/// The system's journal, of this boot. Readable for root and the groups adm and systemd-journal; others get
/// an empty one.
class Journal {
public:
    /// `directory`: of the journal's files, empty for the system's. Throws Error.
    explicit Journal(const std::string& directory = {});

    /// The oldest first. Throws Error, also for a cursor that is none.
    std::vector<LogRecord> read(const LogQuery& query);

    /// For those who read record by record: which ones. One of `anyOf` ("FIELD=value") holds, the priority
    /// is this or worse, and they are of this boot or of all. Throws Error.
    void choose(const std::vector<std::string>& anyOf, int priority, bool thisBoot);
    /// Behind the last of them: previous() gives that one.
    void toEnd();
    /// Onto the last of them: next() gives what comes after it.
    void passAll();
    /// Nothing when there is no more. Throws Error.
    std::optional<LogRecord> previous();
    std::optional<LogRecord> next();

    /// For an event loop: when there may be something new; then call changed() before read() or next().
    int fd() const;
    std::uint32_t events() const;
    void changed();

private:
    struct Closer {
        void operator()(sd_journal* journal) const noexcept;
    };

    LogRecord record() const;

    std::unique_ptr<sd_journal, Closer> journal_;
};

Json toJson(const LogRecord& record);

} // namespace stinky::view
