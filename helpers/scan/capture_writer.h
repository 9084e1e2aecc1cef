#pragma once

#include "common/captures.h"
#include "scan/capture_file.h"

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>

namespace stinky::scan {

/// Rows into one capture after the other: a new one by size and by day, old ones pruned. The disk is never
/// filled: while less is free than the rules ask for, and pruning does not help, rows are withheld.
class CaptureWriter {
public:
    CaptureWriter(std::string directory, CaptureRules rules)
        : directory_(std::move(directory)), rules_(rules) {}

    /// False when the row was withheld: problem() says why. `now`: the wall clock; `monotonic`: seconds.
    /// Throws Error when the disk refuses it.
    bool append(const WigleRow& row, std::time_t now, double monotonic);

    /// Puts what was appended on the disk itself: it survives a power cut from here on. Throws Error.
    void sync();

    /// Why rows are withheld; empty when they are not.
    const std::string& problem() const noexcept { return problem_; }

    /// Of the capture that is written; empty when there is none.
    std::string path() const { return file_ ? file_->path() : std::string(); }

    std::uint64_t rows() const noexcept { return rows_; }

    std::uint64_t withheld() const noexcept { return withheld_; }

    std::uint64_t pruned() const noexcept { return pruned_; }

private:
    bool hasRoom(std::time_t now, double monotonic);
    void prune(std::time_t now, double monotonic);

    std::string directory_;
    CaptureRules rules_;
    std::optional<CaptureFile> file_;
    std::string problem_;
    double nextPrune_ = 0;
    std::uint64_t rows_ = 0;
    std::uint64_t withheld_ = 0;
    std::uint64_t pruned_ = 0;
};

} // namespace stinky::scan
