#include "web/journal.h"

#include "common/error.h"
#include "common/part_status.h"
#include "core/world.h"

#include <algorithm>
#include <charconv>

namespace stinky::web {
namespace {

// The programs' identifiers are "stinky-<part>" (common/log.h).
constexpr std::string_view ours = "stinky-";
// A handler must not keep the loop waiting for a disk: what is there by then is the answer. The newest few
// are in it even where the processor is busy with others.
constexpr double readSeconds = 0.05;
constexpr std::size_t fewestLookedAt = 20;
constexpr std::chrono::seconds closeAfter{30};
constexpr std::size_t recordsPerTurn = 200;
constexpr int lowestPriority = 7;

/// All that systemd says, too: only partOf() knows whether it is of ours, whatever instances there will be.
std::vector<std::string> termsOfFollower() {
    std::vector<std::string> terms = view::termsOfSensor();
    terms.emplace_back("_PID=1");
    return terms;
}

/// Not all that systemd says: after a boot that is thousands of records to look through for a few of ours.
std::vector<std::string> termsOf(const std::string& part, const std::vector<std::string>& units) {
    std::vector<std::string> terms = view::termsOfSensor();
    std::vector<std::string> wanted = units;
    if (!part.empty()) {
        terms = {"SYSLOG_IDENTIFIER=" + std::string(ours) + part};
        std::erase_if(wanted,
                      [&](const std::string& unit) { return !isOfPart(core::partNameOf(unit), part); });
        wanted.push_back(part.ends_with(".target") ? part : std::string(ours) + part + ".service");
    }
    const std::vector<std::string> ofUnits = view::termsOfUnits(wanted);
    terms.insert(terms.end(), ofUnits.begin(), ofUnits.end());
    return terms;
}

bool isWord(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._-\\:") ==
               std::string_view::npos;
}

template <typename Number>
bool put(std::string_view text, Number low, Number high, Number& target) {
    Number value = low;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Written so that NaN is refused.
    if (error != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high))
        return false;
    target = value;
    return true;
}

/// False for a bad value; nothing for an unknown name.
std::optional<bool> putOne(const std::string& name, const std::string& value, LogQuery& query) {
    if (name == "part") {
        query.part = value;
        return isWord(value, 64);
    }
    if (name == "priority")
        return put(value, 0, lowestPriority, query.priority);
    if (name == "since")
        return put(value, 0.0, 1e11, query.since);
    if (name == "limit")
        return put(value, std::size_t{1}, std::size_t{1000}, query.limit);
    if (name == "follow") {
        query.follow = value == "yes";
        return value == "yes" || value == "no";
    }
    return {};
}

} // namespace

std::optional<LogQuery> parseLogQuery(const Parameters& query, std::string& why) {
    LogQuery parsed;
    for (const auto& [name, value] : query) {
        const auto taken = putOne(name, value, parsed);
        if (!taken || !*taken) {
            why = taken ? name + ": this value cannot be" : name + ": no such parameter";
            return {};
        }
    }
    return parsed;
}

std::string partOf(const view::LogRecord& record) {
    if (record.unit.starts_with(ours) || record.unit.starts_with("stinky."))
        return std::string(core::partNameOf(record.unit));
    if (record.identifier.starts_with(ours))
        return record.identifier.substr(ours.size());
    return {};
}

bool isOfPart(std::string_view part, std::string_view asked) {
    return part.starts_with(asked) && (part.size() == asked.size() || part[asked.size()] == '@');
}

nlohmann::ordered_json logJson(const view::LogRecord& record) {
    return {{"time", record.time},
            {"priority", record.priority},
            {"part", partOf(record)},
            {"event", record.event},
            {"message", record.message}};
}

LogReader::LogReader(EventLoop& loop, std::string directory)
    : directory_(std::move(directory)),
      close_(loop.addTimer(std::chrono::seconds(1), "journal", [this] { journal_.reset(); })) {}

std::vector<view::LogRecord> LogReader::read(const LogQuery& query, const std::vector<std::string>& units) {
    close_.arm(closeAfter);
    try {
        if (!journal_) {
            journal_.emplace(directory_);
            // From now on it looks for new files.
            static_cast<void>(journal_->fd());
        }
        const double begin = monotonicSeconds();
        journal_->changed();
        journal_->choose(termsOf(query.part, units), query.priority, false);
        journal_->toEnd();
        std::vector<view::LogRecord> records;
        for (std::size_t turn = 0; records.size() < query.limit &&
                                   (turn < fewestLookedAt || monotonicSeconds() - begin < readSeconds);
             ++turn) {
            auto one = journal_->previous();
            if (!one || one->time < query.since)
                break;
            const std::string part = partOf(*one);
            if (!part.empty() && (query.part.empty() || isOfPart(part, query.part)))
                records.push_back(std::move(*one));
        }
        std::reverse(records.begin(), records.end());
        return records;
    } catch (const Error&) {
        journal_.reset(); // the next one who asks finds it opened anew
        throw;
    }
}

LogFollower::LogFollower(EventLoop& loop, const std::string& directory, OnRecord onRecord, OnEnd onEnd)
    : journal_(directory),
      onRecord_(std::move(onRecord)),
      onEnd_(std::move(onEnd)),
      more_(loop.addTimer(std::chrono::milliseconds(10), "journal", [this] { read(); })) {
    journal_.choose(termsOfFollower(), lowestPriority, false);
    journal_.passAll();
    io_ = loop.addIo(journal_.fd(), journal_.events(), "journal", [this](std::uint32_t) { read(); });
}

void LogFollower::read() {
    try {
        readSome();
    } catch (const Error& e) {
        io_.reset();
        more_.disarm();
        const OnEnd onEnd = onEnd_;
        const std::string why = e.what();
        onEnd(why);
    }
}

void LogFollower::readSome() {
    journal_.changed();
    for (std::size_t i = 0; i < recordsPerTurn; ++i) {
        const auto record = journal_.next();
        if (!record)
            return;
        if (!partOf(*record).empty())
            onRecord_(*record);
    }
    more_.arm(std::chrono::milliseconds(1));
}

} // namespace stinky::web
