#include "scan/capture_file.h"

#include "common/error.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace stinky::scan {
namespace {

constexpr int mostFilesASecond = 1000;

/// Of a file's name, in UTC.
std::string timeText(std::time_t time) {
    std::tm parts = {};
    gmtime_r(&time, &parts);
    char text[64];
    const std::size_t length = std::strftime(text, sizeof text, "%Y%m%d-%H-%M-%S", &parts);
    return {text, length};
}

} // namespace

CaptureFile::CaptureFile(const std::string& directory, std::time_t now) : begun_(now) {
    const std::string stem = directory + "/stinky-" + timeText(now);
    for (int n = 1; !fd_; ++n) {
        path_ = fmt::format("{}-{}.wiglecsv", stem, n);
        fd_ = Fd(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640));
        if (!fd_ && (errno != EEXIST || n == mostFilesASecond))
            throw Error::fromErrno("create", path_, errno);
    }
    write(wigleHeader(STINKY_VERSION));
    sync();
    // Its name too.
    const Fd folder(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder || fsync(folder.get()) < 0)
        throw Error::fromErrno("sync", directory, errno);
}

void CaptureFile::sync() {
    if (!dirty_)
        return;
    if (fdatasync(fd_.get()) < 0)
        throw Error::fromErrno("sync", path_, errno);
    dirty_ = false;
}

void CaptureFile::append(const WigleRow& row) {
    write(wigleLine(row));
    ++rows_;
}

void CaptureFile::write(const std::string& text) {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written == static_cast<ssize_t>(text.size())) {
        size_ += text.size();
        dirty_ = true;
        return;
    }
    const int err = written < 0 ? errno : ENOSPC;
    if (written > 0) {
        const off_t end = lseek(fd_.get(), 0, SEEK_END);
        if (end < written || ftruncate(fd_.get(), end - written) < 0)
            throw Error::fromErrno("take back half a row in", path_, errno);
    }
    throw Error::fromErrno("write to", path_, err);
}

} // namespace stinky::scan
