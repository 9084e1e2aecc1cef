#include "tak/replay.h"

#include "common/error.h"
#include "common/part_status.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::size_t chunk = 65536;
constexpr std::size_t longestLine = 8192;

} // namespace

double recordedTime(std::string_view text) noexcept {
    if (text.size() != 19 || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' ||
        text[16] != ':')
        return 0;
    const auto number = [&](std::size_t at, std::size_t length) {
        int value = -1;
        const char* end = text.data() + at + length;
        const auto [stop, error] = std::from_chars(text.data() + at, end, value);
        return error == std::errc() && stop == end ? value : -1;
    };
    const std::chrono::year_month_day date(std::chrono::year(number(0, 4)),
                                           std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                           std::chrono::day(static_cast<unsigned>(number(8, 2))));
    const int hour = number(11, 2);
    const int minute = number(14, 2);
    const int second = number(17, 2);
    if (!date.ok() || hour < 0 || minute < 0 || second < 0)
        return 0;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * 86400.0 + hour * 3600 + minute * 60 + second;
}

Replay::Replay(EventLoop& loop, std::string path, double speed, Callbacks callbacks)
    : path_(std::move(path)),
      speed_(speed),
      callbacks_(std::move(callbacks)),
      fd_(open(path_.c_str(), O_RDONLY | O_CLOEXEC)),
      buffer_(longestLine + chunk) {
    if (!fd_)
        throw Error::fromErrno("read", path_, errno);
    next_ = loop.addTimer(std::chrono::milliseconds(1), "replay", [this] { step(); });
    next_.arm(std::chrono::microseconds(0));
}

/// False at the end of the file.
bool Replay::fill() {
    // A line without an end is cut: what follows is another bad row.
    if (size_ - at_ > longestLine)
        at_ = size_;
    std::copy(buffer_.begin() + at_, buffer_.begin() + size_, buffer_.begin());
    size_ -= std::exchange(at_, 0);
    ssize_t n = 0;
    do {
        n = read(fd_.get(), buffer_.data() + size_, chunk);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        throw Error::fromErrno("read", path_, errno);
    size_ += static_cast<std::size_t>(n);
    return n > 0;
}

/// Seconds until a line's turn comes.
double Replay::early(std::string_view line) {
    const double clock = speed_ > 0 ? callbacks_.clock(line) : 0;
    if (clock <= 0)
        return 0;
    const double now = monotonicSeconds();
    if (recordedStart_ == 0) {
        recordedStart_ = clock;
        start_ = now;
    }
    return (clock - recordedStart_) / speed_ - (now - start_);
}

void Replay::step() {
    for (;;) {
        const std::string_view unread(buffer_.data() + at_, size_ - at_);
        const auto end = unread.find('\n');
        if (end == std::string_view::npos && !atEnd_) {
            callbacks_.pause();
            atEnd_ = !fill();
            // Others get their turn between two chunks.
            next_.arm(std::chrono::microseconds(0));
            return;
        }
        if (unread.empty()) {
            callbacks_.pause();
            callbacks_.end();
            return;
        }
        const std::string_view line = unread.substr(0, end);
        if (const double wait = early(line); wait > 0.001) {
            callbacks_.pause();
            next_.arm(std::chrono::microseconds(static_cast<std::int64_t>(wait * 1e6)));
            return;
        }
        callbacks_.line(line);
        at_ += std::min(line.size() + 1, unread.size());
    }
}

} // namespace stinky::tak
