#pragma once

#include "common/event_loop.h"
#include "scan/frame_source.h"
#include "scan/pcap_handle.h"

#include <functional>
#include <string>

namespace stinky::scan {

/// Management frames from a pcap or pcapng file with radiotap headers, or from a pipe on which another
/// program writes one. The clock is that of the recording, in seconds since 1970.
class PcapFile : public FrameSource {
public:
    /// `path` "-": standard input. `end` is called behind the last frame. Throws Error when the file cannot
    /// be read. Of a pipe the head of the file is waited for here.
    PcapFile(EventLoop& loop, std::string path, Callback callback, std::function<void()> end);

    std::uint64_t dropped() const override { return 0; }

private:
    bool next();
    void readSome();

    std::string path_;
    Callback callback_;
    std::function<void()> end_;
    PcapHandle pcap_;
    EventSource readable_; ///< of a pipe
    Timer more_;           ///< of a file, which is always readable
};

} // namespace stinky::scan
