#pragma once

#include "common/event_loop.h"
#include "common/fd.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::tak {

/// Reads a capture from its start to its end, at the pace at which it was recorded or as fast as it goes. A
/// row's only time is the one at which its access point was first seen; the latest of these so far is the
/// recording's clock.
class Replay {
public:
    struct Callbacks {
        std::function<void(std::string_view line)> line;
        /// The recording's clock at a line, in seconds since 1970; 0 while it told none. Asked before the
        /// line is handed over, when there is a pace to keep.
        std::function<double(std::string_view line)> clock;
        std::function<void()> pause; ///< some lines were handed over
        std::function<void()> end;
    };

    /// `speed` 0: as fast as it goes. Throws Error when the file cannot be read.
    Replay(EventLoop& loop, std::string path, double speed, Callbacks callbacks);

private:
    void step();
    bool fill();
    double early(std::string_view line);

    std::string path_;
    double speed_;
    Callbacks callbacks_;
    Fd fd_;
    Timer next_;
    std::vector<char> buffer_;
    std::size_t at_ = 0;   ///< what was read and not handed over stands from here
    std::size_t size_ = 0; ///< to here
    bool atEnd_ = false;   ///< of the file
    double start_ = 0;     ///< monotonic
    double recordedStart_ = 0;
};

/// "2026-06-27 12:45:03", UTC, as seconds since 1970; 0 for anything else.
double recordedTime(std::string_view text) noexcept;

} // namespace stinky::tak
