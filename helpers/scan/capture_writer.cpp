#include "scan/capture_writer.h"

#include <fmt/format.h>

namespace stinky::scan {
namespace {

// Where pruning did not help, it is not tried again for each row.
constexpr double pruneInterval = 10;

} // namespace

bool CaptureWriter::append(const WigleRow& row, std::time_t now, double monotonic) {
    if (!hasRoom(now, monotonic)) {
        ++withheld_;
        return false;
    }
    if (file_ && captureIsOver(rules_, file_->size(), file_->begun(), now)) {
        file_->sync();
        file_.reset();
    }
    if (!file_) {
        file_.emplace(directory_, now);
        prune(now, monotonic); // by age
    }
    file_->append(row);
    ++rows_;
    return true;
}

void CaptureWriter::sync() {
    if (file_)
        file_->sync();
}

bool CaptureWriter::hasRoom(std::time_t now, double monotonic) {
    std::uint64_t free = freeBytes(directory_);
    if (free < rules_.keepFree && monotonic >= nextPrune_) {
        prune(now, monotonic);
        free = freeBytes(directory_);
    }
    const bool room = free >= rules_.keepFree;
    if (room)
        problem_.clear();
    else if (problem_.empty())
        problem_ =
            fmt::format("nothing is captured: {} MB are free on the disk of {}, CAPTURE_KEEP_FREE is {} MB",
                        free >> 20, directory_, rules_.keepFree >> 20);
    return room;
}

void CaptureWriter::prune(std::time_t now, double monotonic) {
    nextPrune_ = monotonic + pruneInterval;
    pruned_ += pruneCaptures(directory_, rules_, now).removed.size();
}

} // namespace stinky::scan
