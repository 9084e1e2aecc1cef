#include "systemd/part_file.h"

#include "common/error.h"
#include "common/fd.h"
#include "common/part_status.h"
#include "common/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

namespace stinky::systemd {
namespace {

constexpr std::string_view suffix = ".json";
constexpr std::size_t longestPart = 64;
constexpr std::size_t longestReason = 200;
// nlohmann's copy and dump recurse: a file of 64 KiB may nest 64 K deep.
constexpr int deepest = 16;

core::PartView fault(const std::string& part, std::string_view why, double now) {
    core::PartView view;
    view.part = part;
    view.health = core::PartHealth::fault;
    view.reason = "its status file cannot be read: " + displayText(why, longestReason);
    view.writtenAt = now;
    return view;
}

nlohmann::json parseBounded(std::string_view text) {
    return nlohmann::json::parse(text, [](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        if (depth > deepest)
            throw Error("read", "part status", "nested too deeply");
        return true;
    });
}

core::PartView takePart(const std::string& part, std::string_view text) {
    const nlohmann::json json = parseBounded(text);
    const PartReport report = partReportFromJson(json);
    if (report.part != part)
        throw Error("read", "part status", "it is of another part");
    if (!report.counters.is_object())
        throw Error("read", "part status", "counters are no object");
    core::PartView view;
    view.part = part;
    view.health = core::partHealthFromString(toString(report.state)).value_or(core::PartHealth::fault);
    view.reason = displayText(report.reason, longestReason);
    view.writtenAt = json.at("monotonic_s").get<double>();
    view.inputAge = report.inputAge;
    view.outputAge = report.outputAge;
    view.eventDriven = report.eventDriven;
    view.counters = report.counters.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return view;
}

bool readAll(int fd, std::string& text) {
    char buffer[4096];
    for (;;) {
        const ssize_t n = ::read(fd, buffer, sizeof buffer);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0;
        text.append(buffer, static_cast<std::size_t>(n));
        if (text.size() > largestPartFile) {
            errno = EFBIG;
            return false;
        }
    }
}

} // namespace

std::string_view partOfFileName(std::string_view fileName) noexcept {
    if (!fileName.ends_with(suffix) || fileName.size() > longestPart + suffix.size())
        return {};
    const std::string_view part = fileName.substr(0, fileName.size() - suffix.size());
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '@' || c == '.' || c == ':' || c == '\\';
    };
    // A leading dot is a file that is still being written.
    return !part.empty() && part.front() != '.' && std::ranges::all_of(part, allowed) ? part
                                                                                      : std::string_view();
}

core::PartView parsePartFile(const std::string& part, std::string_view text, double now) noexcept {
    try {
        return takePart(part, text);
    } catch (const Error& e) {
        return fault(part, e.why(), now);
    } catch (const std::exception& e) {
        return fault(part, e.what(), now);
    }
}

bool readPartFile(int folder, const std::string& part, double now, core::PartView& view) {
    const std::string name = part + std::string(suffix);
    const Fd fd(openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd && errno == ENOENT)
        return false;
    struct stat st = {};
    std::string text;
    if (!fd || fstat(fd.get(), &st) < 0)
        view = fault(part, Error::fromErrno("open", name, errno).why(), now);
    else if (!S_ISREG(st.st_mode))
        view = fault(part, "it is no regular file", now);
    else if (!readAll(fd.get(), text))
        view = fault(part, Error::fromErrno("read", name, errno).why(), now);
    else
        view = parsePartFile(part, text, now);
    return true;
}

} // namespace stinky::systemd
