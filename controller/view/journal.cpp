#include "view/journal.h"

#include "common/error.h"
#include "common/text.h"

#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace stinky::view {
namespace {

constexpr std::size_t longestMessage = 2000;
constexpr std::size_t mostRecords = 10000;
constexpr int lowestPriority = 7;

std::string field(sd_journal* journal, const char* name) {
    const void* data = nullptr;
    std::size_t size = 0;
    if (sd_journal_get_data(journal, name, &data, &size) < 0)
        return {};
    const std::string_view text(static_cast<const char*>(data), size);
    return std::string(text.substr(std::min(text.find('=') + 1, text.size())));
}

void add(sd_journal* journal, const std::string& match) {
    checked(sd_journal_add_match(journal, match.data(), match.size()), "ask the journal for", match);
}

std::string bootId() {
    sd_id128_t id = {};
    checked(sd_id128_get_boot(&id), "read", "the boot id");
    std::array<char, SD_ID128_STRING_MAX> text = {};
    return sd_id128_to_string(id, text.data());
}

} // namespace

std::vector<std::string> termsOfSensor() {
    std::vector<std::string> terms = {"_SYSTEMD_SLICE=stinky.slice", "UNIT=stinky.target"};
    for (const char* part : {"gps", "radio", "scan", "kismet", "kismet-config", "tak", "wigletotak",
                             "wigletotak-feed", "health", "controller", "cgps"}) {
        const std::string name = "stinky-" + std::string(part);
        // Of instances, and where one program runs in the unit of another (common/log.h).
        terms.push_back("SYSLOG_IDENTIFIER=" + name);
        const auto unit = termsOfUnits({name + ".service"});
        terms.insert(terms.end(), unit.begin(), unit.end());
    }
    return terms;
}

std::vector<std::string> termsOfUnits(const std::vector<std::string>& units) {
    std::vector<std::string> terms;
    for (const std::string& unit : units) {
        terms.push_back("_SYSTEMD_UNIT=" + unit);
        // What systemd says of it: it starts, it failed and how.
        terms.push_back("UNIT=" + unit);
    }
    return terms;
}

void Journal::Closer::operator()(sd_journal* journal) const noexcept {
    sd_journal_close(journal);
}

Journal::Journal(const std::string& directory) {
    sd_journal* journal = nullptr;
    if (directory.empty())
        checked(sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM), "open", "the journal");
    else
        checked(sd_journal_open_directory(&journal, directory.c_str(), 0), "open", directory);
    journal_.reset(journal);
    sd_journal_set_data_threshold(journal, longestMessage * 4);
}

void Journal::choose(const std::vector<std::string>& anyOf, int priority, bool thisBoot) {
    sd_journal* j = journal_.get();
    sd_journal_flush_matches(j);
    if (thisBoot)
        add(j, "_BOOT_ID=" + bootId());
    if (priority < lowestPriority)
        for (int one = 0; one <= std::max(priority, 0); ++one)
            add(j, "PRIORITY=" + std::to_string(one));
    checked(sd_journal_add_conjunction(j), "ask", "the journal");
    for (const std::string& term : anyOf) {
        add(j, term);
        checked(sd_journal_add_disjunction(j), "ask", "the journal");
    }
}

void Journal::toEnd() {
    checked(sd_journal_seek_tail(journal_.get()), "read", "the journal");
}

void Journal::passAll() {
    toEnd();
    // From the tail itself there is no next one, neither now nor later.
    if (checked(sd_journal_previous(journal_.get()), "read", "the journal") == 0)
        checked(sd_journal_seek_head(journal_.get()), "read", "the journal");
}

std::optional<LogRecord> Journal::previous() {
    if (checked(sd_journal_previous(journal_.get()), "read", "the journal") == 0)
        return {};
    return record();
}

std::optional<LogRecord> Journal::next() {
    if (checked(sd_journal_next(journal_.get()), "read", "the journal") == 0)
        return {};
    return record();
}

std::vector<LogRecord> Journal::read(const LogQuery& query) {
    sd_journal* j = journal_.get();
    std::vector<std::string> terms = termsOfUnits(query.units.empty() ? query.known : query.units);
    if (query.units.empty()) {
        const std::vector<std::string> ours = termsOfSensor();
        terms.insert(terms.end(), ours.begin(), ours.end());
    }
    choose(terms, query.priority, true);
    const std::size_t limit = std::min(query.limit, mostRecords);
    std::vector<LogRecord> records;
    if (!query.after.empty()) {
        checked(sd_journal_seek_cursor(j, query.after.c_str()), "find in the journal", query.after);
        while (records.size() < limit && sd_journal_next(j) > 0)
            if (sd_journal_test_cursor(j, query.after.c_str()) <= 0)
                records.push_back(record());
        return records;
    }
    checked(sd_journal_seek_tail(j), "read", "the journal");
    while (records.size() < limit && sd_journal_previous(j) > 0) {
        records.push_back(record());
        if (query.since && records.back().time < *query.since) {
            records.pop_back();
            break;
        }
    }
    std::ranges::reverse(records);
    return records;
}

LogRecord Journal::record() const {
    sd_journal* j = journal_.get();
    LogRecord record;
    std::uint64_t usec = 0;
    if (sd_journal_get_realtime_usec(j, &usec) >= 0)
        record.time = static_cast<double>(usec) / 1e6;
    const std::string priority = field(j, "PRIORITY");
    if (priority.size() == 1 && priority[0] >= '0' && priority[0] <= '7')
        record.priority = priority[0] - '0';
    // Whoever may log may say UNIT= as he likes.
    record.unit = displayText(field(j, "UNIT"), longestMessage);
    if (record.unit.empty())
        record.unit = displayText(field(j, "_SYSTEMD_UNIT"), longestMessage);
    record.message = displayText(field(j, "MESSAGE"), longestMessage);
    record.event = displayText(field(j, "STINKY_EVENT"), longestMessage);
    record.identifier = displayText(field(j, "SYSLOG_IDENTIFIER"), longestMessage);
    char* cursor = nullptr;
    if (sd_journal_get_cursor(j, &cursor) >= 0)
        record.cursor = std::unique_ptr<char, decltype(&std::free)>(cursor, &std::free).get();
    return record;
}

int Journal::fd() const {
    return checked(sd_journal_get_fd(journal_.get()), "watch", "the journal");
}

std::uint32_t Journal::events() const {
    return static_cast<std::uint32_t>(
        checked(sd_journal_get_events(journal_.get()), "watch", "the journal"));
}

void Journal::changed() {
    checked(sd_journal_process(journal_.get()), "follow", "the journal");
}

Json toJson(const LogRecord& record) {
    return {{"time", record.time},   {"priority", record.priority}, {"unit", record.unit},
            {"event", record.event}, {"message", record.message},   {"cursor", record.cursor}};
}

} // namespace stinky::view
