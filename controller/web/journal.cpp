#include "web/journal.h"

#include "common/error.h"
#include "common/part_status.h"
#include "common/text.h"

#include <sys/epoll.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace stinky::web {
namespace {

// The programs' identifiers are "stinky-<part>" (common/log.h).
constexpr std::string_view ours = "stinky-";
// A handler must not keep the loop waiting for a disk: what is there by then is the answer.
constexpr double readSeconds = 0.05;
constexpr std::size_t recordsPerTurn = 200;

std::string field(sd_journal* journal, const char* name, std::size_t limit) {
    const void* data = nullptr;
    std::size_t size = 0;
    if (sd_journal_get_data(journal, name, &data, &size) < 0)
        return {};
    std::string_view text(static_cast<const char*>(data), size);
    text.remove_prefix(std::min(std::strlen(name) + 1, text.size()));
    return displayText(text, limit);
}

Journal openJournal(const std::string& directory) {
    sd_journal* raw = nullptr;
    if (directory.empty())
        checked(sd_journal_open(&raw, SD_JOURNAL_LOCAL_ONLY), "open", "the journal");
    else
        checked(sd_journal_open_directory(&raw, directory.c_str(), 0), "open", directory);
    return Journal(raw);
}

void match(sd_journal* journal, const std::string& text) {
    checked(sd_journal_add_match(journal, text.data(), text.size()), "search the journal for", text);
}

/// Everything of the stack: all our programs carry STINKY_PART=, and systemd names the slice of our units.
void matchAll(sd_journal* journal) {
    for (const char* part :
         {"gps", "radio", "scan", "kismet", "tak", "wigletotak", "health", "controller", "cgps"})
        match(journal, "SYSLOG_IDENTIFIER=" + std::string(ours) + part);
    checked(sd_journal_add_disjunction(journal), "search", "the journal");
    // What a foreign program in one of our units says.
    match(journal, "_SYSTEMD_SLICE=stinky.slice");
    checked(sd_journal_add_disjunction(journal), "search", "the journal");
    match(journal, "UNIT=stinky.target");
    for (const char* unit : {"gps", "scan", "kismet", "tak", "wigletotak", "controller", "cgps"})
        match(journal, "UNIT=" + std::string(ours) + unit + ".service");
}

LogRecord record(sd_journal* journal) {
    LogRecord record;
    sd_journal_get_realtime_usec(journal, &record.time);
    const std::string priority = field(journal, "PRIORITY", 2);
    std::from_chars(priority.data(), priority.data() + priority.size(), record.priority);
    record.part = field(journal, "SYSLOG_IDENTIFIER", 64);
    if (record.part.starts_with(ours))
        record.part.erase(0, ours.size());
    record.event = field(journal, "STINKY_EVENT", 64);
    record.message = field(journal, "MESSAGE", 1000);
    return record;
}

} // namespace

nlohmann::ordered_json toJson(const LogRecord& record) {
    return {{"time", static_cast<double>(record.time) / 1e6},
            {"priority", record.priority},
            {"part", record.part},
            {"event", record.event},
            {"message", record.message}};
}

std::vector<LogRecord> readLog(const LogQuery& query, const std::string& directory) {
    const Journal journal = openJournal(directory);
    if (query.part.empty()) {
        matchAll(journal.get());
    } else {
        match(journal.get(), "SYSLOG_IDENTIFIER=" + std::string(ours) + query.part);
        checked(sd_journal_add_disjunction(journal.get()), "search", "the journal");
        match(journal.get(), "UNIT=" + std::string(ours) + query.part + ".service");
        checked(sd_journal_add_disjunction(journal.get()), "search", "the journal");
        match(journal.get(), "_SYSTEMD_UNIT=" + std::string(ours) + query.part + ".service");
    }
    std::vector<LogRecord> records;
    checked(sd_journal_seek_tail(journal.get()), "read", "the journal");
    const double begin = monotonicSeconds();
    while (records.size() < query.limit && monotonicSeconds() - begin < readSeconds &&
           checked(sd_journal_previous(journal.get()), "read", "the journal") > 0) {
        LogRecord one = record(journal.get());
        if (one.time < query.since)
            break;
        if (one.priority <= query.priority)
            records.push_back(std::move(one));
    }
    std::reverse(records.begin(), records.end());
    return records;
}

LogFollower::LogFollower(EventLoop& loop, const std::string& directory,
                         std::function<void(const LogRecord&)> onRecord)
    : journal_(openJournal(directory)),
      onRecord_(std::move(onRecord)),
      more_(loop.addTimer(std::chrono::milliseconds(10), "journal", [this] { read(); })) {
    matchAll(journal_.get());
    checked(sd_journal_seek_tail(journal_.get()), "read", "the journal");
    // The tail is behind the last record; without a step back the next one would be the first of all.
    checked(sd_journal_previous(journal_.get()), "read", "the journal");
    const int fd = checked(sd_journal_get_fd(journal_.get()), "follow", "the journal");
    io_ = loop.addIo(
        fd,
        static_cast<std::uint32_t>(checked(sd_journal_get_events(journal_.get()), "follow", "the journal")),
        "journal", [this](std::uint32_t) { read(); });
}

void LogFollower::read() {
    checked(sd_journal_process(journal_.get()), "follow", "the journal");
    for (std::size_t i = 0; i < recordsPerTurn; ++i) {
        if (checked(sd_journal_next(journal_.get()), "follow", "the journal") == 0)
            return;
        onRecord_(record(journal_.get()));
    }
    more_.arm(std::chrono::milliseconds(1));
}

} // namespace stinky::web
