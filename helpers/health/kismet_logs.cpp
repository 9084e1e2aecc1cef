#include "health/kismet_logs.h"

#include <fmt/format.h>

#include <sys/stat.h>

namespace stinky::health {
namespace {

constexpr const char* startCommand = "/logging/by-class/wiglecsv/start.cmd";
// Ages are of days: the directory need not be read at each look for them.
constexpr std::time_t ageLookInterval = 3600;

std::string stopCommand(const KismetLog& log) {
    return "/logging/by-uuid/" + log.uuid + "/stop.cmd";
}

std::uint64_t sizeOf(const std::string& path) {
    struct stat file = {};
    return stat(path.c_str(), &file) == 0 ? static_cast<std::uint64_t>(file.st_size) : 0;
}

} // namespace

std::string KismetLogKeeper::next(const std::vector<KismetLog>& open, std::time_t now) {
    CaptureRules rules = rules_;
    if (now - lastAgeLook_ < ageLookInterval && now >= lastAgeLook_)
        rules.maxAge = 0;
    else
        lastAgeLook_ = now;
    const CaptureSpace space = pruneCaptures(directory_, rules, now);
    if (!space.enough(rules)) {
        withheld_ =
            fmt::format("nothing is captured: {} MB are free on the disk of {}, CAPTURE_KEEP_FREE is {} MB",
                        space.free >> 20, directory_, rules.keepFree >> 20);
        return open.empty() ? std::string() : stopCommand(open.front());
    }
    if (!withheld_.empty()) {
        withheld_.clear();
        if (open.empty())
            return startCommand;
    }
    if (open.empty())
        return {};
    if (open.size() > 1)
        return stopCommand(open.front());
    if (open.back().path != current_) {
        current_ = open.back().path;
        begun_ = now;
    }
    return captureIsOver(rules, sizeOf(current_), begun_, now) ? startCommand : "";
}

} // namespace stinky::health
