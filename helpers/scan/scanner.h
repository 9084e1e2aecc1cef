#pragma once

#include "common/config.h"
#include "common/event_loop.h"
#include "common/gpsd_client.h"
#include "common/part_status.h"
#include "scan/ap_table.h"
#include "scan/capture_writer.h"
#include "scan/channel_hop.h"
#include "scan/frame_source.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace stinky::scan {

/// Where the scanner works.
struct ScannerPlace {
    std::string interface;          ///< in monitor mode; empty when `recording` is not
    std::string recording;          ///< pcap file that stands for an interface, "-" for standard input
    std::optional<GpsFix> position; ///< of whoever recorded it, instead of gpsd's
    std::string captures;           ///< directory
    std::string status;             ///< directory, may be empty
    std::string standIn; ///< file that says why this scanner runs in place of another; may be empty

    const std::string& source() const noexcept { return recording.empty() ? interface : recording; }
};

/// The built-in scanner: frames in, rows out, from channel to channel. Behind the end of a recording it ends
/// the loop.
class Scanner {
public:
    /// Throws Error when the interface is not there, not in monitor mode, or has no channel to listen on, or
    /// when the recording cannot be read.
    Scanner(EventLoop& loop, const Config& config, ScannerPlace place);

private:
    void onFrame(const Frame& frame);
    void onRecordingEnd();
    std::optional<GpsFix> position(double now) const;
    std::string positionProblem(double now) const;
    void write(const WigleRow& row);
    void sync();
    std::pair<PartState, std::string> condition(double now) const;
    void onGpsChange();
    void checkSilence();
    PartReport report();

    ScannerPlace place_;
    EventLoop& loop_;
    std::optional<ChannelHop> hop_;

    ApTable table_;
    CaptureWriter capture_;
    std::string standInFor_;
    std::string writeProblem_;
    bool writeFailed_ = false; ///< the disk refused; otherwise rows are withheld
    std::uint64_t frames_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(FrameReject::count)> rejected_ = {};
    double lastFrame_ = 0;
    double heard_ = 0; ///< that frame's time on the clock of its source
    double lastRow_ = 0;
    bool hadPosition_ = false;

    Timer silence_;
    Timer sync_;
    bool syncArmed_ = false;
    std::unique_ptr<FrameSource> source_;
    std::optional<GpsdClient> gps_;
    StatusReporter status_;
};

} // namespace stinky::scan
