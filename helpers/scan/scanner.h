#pragma once

#include "common/config.h"
#include "common/event_loop.h"
#include "common/gpsd_client.h"
#include "common/nl80211.h"
#include "common/part_status.h"
#include "scan/ap_table.h"
#include "scan/capture_writer.h"
#include "scan/pcap_source.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace stinky::scan {

/// Where the scanner works.
struct ScannerPlace {
    std::string interface; ///< in monitor mode
    std::string captures;  ///< directory
    std::string status;    ///< directory, may be empty
    std::string standIn;   ///< file that says why this scanner runs in place of another; may be empty
};

/// The built-in scanner: frames in, rows out, from channel to channel.
class Scanner {
public:
    /// Throws Error when the interface is not there, not in monitor mode, or has no channel to listen on.
    Scanner(EventLoop& loop, const Config& config, ScannerPlace place);

private:
    void tune();
    void onFrame(Bytes packet);
    void write(const WigleRow& row);
    void sync();
    std::pair<PartState, std::string> condition(double now) const;
    void onGpsChange();
    void checkSilence();
    PartReport report();

    ScannerPlace place_;
    EventLoop& loop_;
    Nl80211 nl80211_;
    WifiInterface interface_;
    std::vector<std::uint32_t> sequence_;
    std::size_t next_ = 0;
    std::chrono::milliseconds dwell_;

    ApTable table_;
    CaptureWriter capture_;
    std::string standInFor_;
    std::string writeProblem_;
    bool writeFailed_ = false; ///< the disk refused; otherwise rows are withheld
    std::uint64_t frames_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(FrameReject::count)> rejected_ = {};
    double lastFrame_ = 0;
    double lastRow_ = 0;
    bool hadPosition_ = false;

    Timer hop_;
    Timer silence_;
    Timer sync_;
    bool syncArmed_ = false;
    PcapSource source_;
    GpsdClient gps_;
    StatusReporter status_;
};

} // namespace stinky::scan
