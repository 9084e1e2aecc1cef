#pragma once

#include "tak/capture_follower.h"

#include <string>
#include <vector>

namespace stinky::tak {

/// How far which capture was read at which time.
struct Checkpoint {
    double time = 0; ///< wall clock, s since 1970
    CapturePosition position;

    bool operator==(const Checkpoint&) const = default;
};

/// The checkpoints of the last staleSeconds, in a file that outlives us. Rows tell no time of their own: by
/// these it is known after a restart which of them are news, which ones are still on the clients' maps, and
/// which ones only speak for a position.
class Checkpoints {
public:
    /// An empty path keeps nothing. What cannot be read counts as nothing: all it costs is history.
    explicit Checkpoints(std::string path);

    bool enabled() const noexcept { return !path_.empty(); }

    const std::vector<Checkpoint>& all() const noexcept { return all_; }

    /// Adds one and writes the file, atomically. Throws Error when it cannot be written.
    void add(const Checkpoint& checkpoint);

    /// From the file's text; empty for what is no such text.
    static std::vector<Checkpoint> parse(const std::string& text);
    std::string text() const;

private:
    std::string path_;
    std::vector<Checkpoint> all_;
};

} // namespace stinky::tak
