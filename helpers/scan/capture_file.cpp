#include "scan/capture_file.h"

#include "common/error.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace stinky::scan {
namespace {

constexpr int mostFilesASecond = 1000;

std::string formatted(std::time_t time, const char* format) {
    std::tm parts = {};
    gmtime_r(&time, &parts);
    char text[64];
    const std::size_t length = std::strftime(text, sizeof text, format, &parts);
    return {text, length};
}

} // namespace

std::string utcText(std::time_t time) {
    return formatted(time, "%Y-%m-%d %H:%M:%S");
}

CaptureFile::CaptureFile(const std::string& directory, std::time_t now) {
    const std::string stem = directory + "/stinky-" + formatted(now, "%Y%m%d-%H-%M-%S");
    for (int n = 1; !fd_; ++n) {
        path_ = fmt::format("{}-{}.wiglecsv", stem, n);
        fd_ = Fd(open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0640));
        if (!fd_ && (errno != EEXIST || n == mostFilesASecond))
            throw Error::fromErrno("create", path_, errno);
    }
    write(wigleHeader(STINKY_VERSION));
}

void CaptureFile::append(const WigleRow& row) {
    write(wigleLine(row));
    ++rows_;
}

void CaptureFile::write(const std::string& text) {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written == static_cast<ssize_t>(text.size()))
        return;
    const int err = written < 0 ? errno : ENOSPC;
    if (written > 0) {
        const off_t end = lseek(fd_.get(), 0, SEEK_END);
        if (end < written || ftruncate(fd_.get(), end - written) < 0)
            throw Error::fromErrno("take back half a row in", path_, errno);
    }
    throw Error::fromErrno("write to", path_, err);
}

} // namespace stinky::scan
