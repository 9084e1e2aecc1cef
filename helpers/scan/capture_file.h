#pragma once

#include "common/fd.h"
#include "common/wigle_csv.h"

#include <cstdint>
#include <ctime>
#include <string>

namespace stinky::scan {

/// One WigleWifi-1.6 file. Each row is written whole by one write(2): whoever follows the file, and whoever
/// finds it after a crash, has every row up to the last.
class CaptureFile {
public:
    /// Creates `directory`/stinky-YYYYMMDD-hh-mm-ss-N.wiglecsv (UTC, N from 1 up, never an existing file),
    /// mode 0640, with the header. Throws Error.
    CaptureFile(const std::string& directory, std::time_t now);

    /// Throws Error; a row that did not fit the disk is taken back, so that the file stays readable.
    void append(const WigleRow& row);

    /// Puts the rows on the disk itself (fdatasync); does nothing when there are no new ones. Throws Error.
    void sync();

    const std::string& path() const noexcept { return path_; }

    std::uint64_t rows() const noexcept { return rows_; }

    std::uint64_t size() const noexcept { return size_; }

    std::time_t begun() const noexcept { return begun_; }

private:
    void write(const std::string& text);

    std::string path_;
    Fd fd_;
    std::time_t begun_;
    std::uint64_t rows_ = 0;
    std::uint64_t size_ = 0;
    bool dirty_ = false;
};

} // namespace stinky::scan
