#include "common/log.h"

#include "common/error.h"

#include <systemd/sd-journal.h>

#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace stinky::log {
namespace {

struct Settings {
    std::string identifier = "stinky";
    std::string part;
    Level most = Level::info;
    bool journal = false;
};

Settings& settings() {
    static Settings instance;
    return instance;
}

// $JOURNAL_STREAM names the device and inode of the journal's socket (systemd.exec(5)); a program whose
// stderr was redirected afterwards must write where it was sent.
bool stderrIsJournal() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat st = {};
    if (stream == nullptr || fstat(STDERR_FILENO, &st) < 0)
        return false;
    unsigned long long device = 0;
    unsigned long long inode = 0;
    return std::sscanf(stream, "%llu:%llu", &device, &inode) == 2 && device == st.st_dev &&
           inode == st.st_ino;
}

void toJournal(Level level, std::string_view event, std::string_view message, Fields fields) {
    const Settings& s = settings();
    std::vector<std::string> records;
    records.reserve(5 + fields.size());
    records.push_back("MESSAGE=" + std::string(message));
    records.push_back("PRIORITY=" + std::to_string(static_cast<int>(level)));
    records.push_back("SYSLOG_IDENTIFIER=" + s.identifier);
    records.push_back("STINKY_PART=" + s.part);
    records.push_back("STINKY_EVENT=" + std::string(event));
    for (const auto& [name, value] : fields)
        records.push_back(std::string(name) + "=" + value);

    std::vector<iovec> vectors;
    vectors.reserve(records.size());
    for (std::string& record : records)
        vectors.push_back({record.data(), record.size()});
    sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

} // namespace

void setUp(std::string_view part) {
    Settings& s = settings();
    s.part = part;
    s.identifier = "stinky-" + s.part;
    s.journal = stderrIsJournal();
    const char* wanted = std::getenv("STINKY_LOG");
    if (wanted != nullptr && std::strcmp(wanted, "debug") == 0)
        s.most = Level::debug;
}

void write(Level level, std::string_view event, std::string_view message, Fields fields) {
    const Settings& s = settings();
    if (level > s.most)
        return;
    if (s.journal) {
        toJournal(level, event, message, fields);
        return;
    }
    std::fprintf(stderr, "%s: %.*s\n", s.identifier.c_str(), static_cast<int>(message.size()),
                 message.data());
}

void failure(std::string_view event, const Error& error) {
    write(Level::error, event, error.what(),
          {{"STINKY_TRIED", error.tried()},
           {"STINKY_OBJECT", error.object()},
           {"ERRNO", std::to_string(error.code())}});
}

} // namespace stinky::log
