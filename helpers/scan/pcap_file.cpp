#include "scan/pcap_file.h"

#include "common/error.h"

#include <sys/epoll.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <utility>

namespace stinky::scan {
namespace {

struct FileCloser {
    void operator()(FILE* file) const noexcept { std::fclose(file); }
};

} // namespace

PcapFile::PcapFile(EventLoop& loop, std::string path, Callback callback, std::function<void()> end)
    : path_(std::move(path)), callback_(std::move(callback)), end_(std::move(end)) {
    // "e": closed when another program is executed.
    std::unique_ptr<FILE, FileCloser> file(path_ == "-" ? stdin : std::fopen(path_.c_str(), "rbe"));
    struct stat st = {};
    if (!file || fstat(fileno(file.get()), &st) < 0)
        throw Error::fromErrno("read", path_, errno);
    const int fd = fileno(file.get());
    const bool regular = S_ISREG(st.st_mode);
    // What a buffer held would wait in it: of a pipe only what is still in the kernel wakes the loop.
    if (!regular)
        std::setvbuf(file.get(), nullptr, _IONBF, 0);
    char errors[PCAP_ERRBUF_SIZE] = {};
    pcap_.reset(pcap_fopen_offline(file.get(), errors));
    if (!pcap_)
        throw Error("read", path_, errors);
    file.release(); // closed with pcap_
    selectManagementFrames(pcap_.get(), path_);

    if (regular) {
        more_ = loop.addTimer(std::chrono::milliseconds(1), "frames of " + path_, [this] { readSome(); });
        more_.arm(std::chrono::microseconds(0));
    } else {
        readable_ = loop.addIo(fd, EPOLLIN, "frames of " + path_, [this](std::uint32_t) {
            if (!next())
                readable_.reset();
        });
    }
}

/// One frame; false behind the last one.
bool PcapFile::next() {
    pcap_pkthdr* header = nullptr;
    const u_char* bytes = nullptr;
    const int r = pcap_next_ex(pcap_.get(), &header, &bytes);
    if (r == PCAP_ERROR)
        throw Error("read", path_, pcap_geterr(pcap_.get()));
    if (r == PCAP_ERROR_BREAK) {
        end_();
        return false;
    }
    if (r == 1)
        callback_({Bytes(bytes, header->caplen),
                   static_cast<double>(header->ts.tv_sec) + static_cast<double>(header->ts.tv_usec) / 1e6});
    return true;
}

void PcapFile::readSome() {
    for (int i = 0; i < mostAtOnce; ++i)
        if (!next())
            return;
    more_.arm(std::chrono::microseconds(0));
}

} // namespace stinky::scan
