#pragma once

#include "sim/gps_receiver.h"
#include "sim/pty.h"
#include "sim/uart_line.h"

#include <chrono>
#include <optional>

namespace stinky::sim {

struct LineOptions {
    unsigned baud = 9600; ///< bit/s, 4800..230400
    int burstsPerSecond = 1;
    std::optional<unsigned> switchTo; ///< bit/s from `switchAfter` on
    double switchAfter = 0;           ///< seconds since the start
    FramingErrors framingErrors = FramingErrors::Raw;
};

/// Drives a receiver's bursts over the simulated line into a pty, at the pace of the line.
class GpsPump {
public:
    GpsPump(GpsReceiver receiver, LineOptions options, Pty& pty);

    /// Returns when `stopFd` becomes readable.
    void run(int stopFd);

private:
    LineTime now() const;
    void startBurst(LineTime now);
    void carry(LineTime now);
    bool waitUntil(LineTime deadline, int stopFd);

    GpsReceiver receiver_;
    LineOptions options_;
    Pty& pty_;
    UartLine line_;
    UartReader reader_;
    LineTime interval_;
    LineTime nextBurst_{0};
    std::chrono::steady_clock::time_point start_;
    bool hasReader_ = false;
};

} // namespace stinky::sim
