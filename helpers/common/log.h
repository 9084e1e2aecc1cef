#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace stinky {
class Error;
}

/// Logging for programs. Under systemd each record goes to the journal with structured fields (STINKY_PART=,
/// STINKY_EVENT= and those given), so that `journalctl STINKY_EVENT=gps-found` and the web page read one
/// source; elsewhere it is a line on stderr. Library code does not log: it throws, and the program logs
/// once.
namespace stinky::log {

/// The priorities of syslog(3).
enum class Level { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };

/// Journal fields: upper-case names, see systemd.journal-fields(7).
using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;

/// `part` is "gps", "radio", ...: the journal's identifier becomes "stinky-<part>". $STINKY_LOG=debug shows
/// all.
void setUp(std::string_view part);

/// `event` is a short, stable word for machines ("monitor-set"); `message` is a sentence for people.
void write(Level level, std::string_view event, std::string_view message, Fields fields = {});

inline void debug(std::string_view event, std::string_view message, Fields fields = {}) {
    write(Level::debug, event, message, fields);
}

inline void info(std::string_view event, std::string_view message, Fields fields = {}) {
    write(Level::info, event, message, fields);
}

inline void notice(std::string_view event, std::string_view message, Fields fields = {}) {
    write(Level::notice, event, message, fields);
}

inline void warning(std::string_view event, std::string_view message, Fields fields = {}) {
    write(Level::warning, event, message, fields);
}

inline void error(std::string_view event, std::string_view message, Fields fields = {}) {
    write(Level::error, event, message, fields);
}

/// An Error with its parts as fields: STINKY_TRIED=, STINKY_OBJECT=, ERRNO=.
void failure(std::string_view event, const Error& error);

} // namespace stinky::log
