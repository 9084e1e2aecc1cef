#pragma once

#include "gps/probe_core.h"
#include "sim/gps_receiver.h"
#include "sim/uart_line.h"

#include <deque>
#include <optional>
#include <vector>

namespace stinky::gps {

/// A receiver, its line and the adapter that reads it, in virtual time.
struct VirtualSetup {
    sim::ReceiverOptions receiver;
    unsigned baud = 9600;
    int burstsPerSecond = 1;
    Moment firstBurst =
        std::chrono::milliseconds(300); ///< after the probe began; may be negative: in mid-burst
    std::optional<unsigned> switchTo;   ///< the line's speed from `switchAfter` on
    Moment switchAfter{};
    sim::FramingErrors framingErrors = sim::FramingErrors::Raw;
    Moment latency = std::chrono::milliseconds(1); ///< the adapter hands bytes on in packets this far apart
    bool keepsOldBytes = false;     ///< bytes that the adapter has not handed on outlive a change of speed
    bool hidesErrors = false;       ///< the driver drops characters with framing errors
    bool deafAtWrongRate = false;   ///< the driver hands on nothing at all at a wrong speed
    std::vector<unsigned> cannotDo; ///< speeds the adapter refuses
};

class VirtualReceiver : public SerialPort {
public:
    explicit VirtualReceiver(VirtualSetup setup);

    bool setBaud(unsigned baud) override;

    unsigned baud() const override { return readerBaud_; }

    std::size_t read(std::span<std::uint8_t> into) override;

    /// Brings the line up to `now`; true when there are bytes to read.
    bool advance(Moment now);

    const std::vector<unsigned>& bauds() const { return bauds_; }

    unsigned lineBaud(Moment at) const;

private:
    VirtualSetup setup_;
    sim::GpsReceiver receiver_;
    sim::UartLine line_;
    sim::UartReader reader_;
    unsigned readerBaud_ = 9600;
    Moment nextBurst_;
    Moment nextPacket_{};
    Moment now_{};
    std::deque<std::uint8_t> inAdapter_;
    std::deque<std::uint8_t> inKernel_;
    std::vector<unsigned> bauds_;
};

struct VirtualOutcome {
    ProbeCore::State state;
    Finding finding;
    Moment elapsed;
    std::vector<unsigned> bauds; ///< the speeds that were set, in order
};

/// Runs a whole probe; ends with the test after 60 virtual seconds.
VirtualOutcome probeVirtually(const ProbeOptions& options, const VirtualSetup& setup);

/// The default rates of stinky.conf.
ProbeOptions defaultPlan();

} // namespace stinky::gps
