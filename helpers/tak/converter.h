#pragma once

#include "common/config.h"
#include "common/event_loop.h"
#include "common/part_status.h"
#include "common/wigle_csv.h"
#include "tak/capture_follower.h"
#include "tak/tracks.h"
#include "tak/udp_output.h"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace stinky::tak {

/// Captures in, events out.
class Converter {
public:
    /// Throws Error when an output's URL cannot be used or the directory cannot be watched.
    Converter(EventLoop& loop, const Config& config, const std::string& captures, const std::string& status);

private:
    void onFile(const std::string& path);
    void onLine(std::string_view line);
    void send(const WigleRow& row);
    PartReport report() const;

    std::string node_;
    std::string captures_;
    WigleReader reader_;
    Tracks tracks_;
    std::vector<UdpOutput> outputs_;
    std::vector<std::string> toldProblems_; ///< what the journal already knows, one for each output
    std::string file_;
    std::uint64_t rows_ = 0;
    std::uint64_t events_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(WigleReject::count)> rejected_ = {};
    double lastRow_ = 0;
    double lastSent_ = 0;
    StatusReporter status_;
    CaptureFollower follower_;
};

} // namespace stinky::tak
