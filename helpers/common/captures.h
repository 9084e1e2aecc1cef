#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace stinky {

class Config;

/// How captures are kept: CAPTURE_ROTATE_SIZE=, CAPTURE_KEEP_FREE=, CAPTURE_MAX_AGE=.
struct CaptureRules {
    std::uint64_t rotateSize = 0; ///< bytes
    std::uint64_t keepFree = 0;   ///< bytes
    std::int64_t maxAge = 0;      ///< seconds; 0: for ever

    static CaptureRules of(const Config& config);
};

/// A file begun at `begun` that has `size` bytes is over at `now`: too large, or of another day (UTC).
bool captureIsOver(const CaptureRules& rules, std::uint64_t size, std::time_t begun,
                   std::time_t now) noexcept;

/// What a look at the directory did and found.
struct CaptureSpace {
    std::vector<std::string> removed; ///< paths
    std::uint64_t free = 0;           ///< bytes left for us on the disk, after that

    bool enough(const CaptureRules& rules) const noexcept { return free >= rules.keepFree; }
};

/// Bytes left for us on the disk of a directory. Throws Error.
std::uint64_t freeBytes(const std::string& directory);

/// Deletes captures (*.wiglecsv) of `directory` that are older than the rules allow, and the oldest ones
/// while less is free than they ask for. Never one that any process has open, nor one of another user: the
/// kernel is asked (F_SETLEASE, fcntl(2)). SIGIO is ignored from here on, as a lease may raise it. Throws
/// Error when the directory cannot be read.
CaptureSpace pruneCaptures(const std::string& directory, const CaptureRules& rules, std::time_t now);

} // namespace stinky
