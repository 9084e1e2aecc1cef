#pragma once

#include "common/config.h"
#include "common/gpsd_client.h"
#include "common/part_status.h"
#include "gps/service/clock_rule.h"
#include "gps/service/gps_health.h"
#include "gps/service/gpsd_keeper.h"

#include <functional>
#include <map>
#include <string>

namespace stinky::gps {

/// What the service does to the machine; replaced in tests.
struct GpsEffects {
    std::function<void()> restartGpsd;        ///< throws Error
    std::function<double()> wallSeconds;      ///< CLOCK_REALTIME
    std::function<bool()> clockIsDisciplined; ///< by NTP or the like
    std::function<void(double)> setClock;     ///< seconds; throws Error
};

/// The effects on the real machine.
GpsEffects realEffects();

/// stinky-gps.service: follows gpsd, is ready when it decodes a receiver or when GPS_WAIT= is over, restarts
/// a gpsd that does not answer, and sets the clock where that is wanted.
class GpsService {
public:
    GpsService(EventLoop& loop, const Config& config, const std::string& statusDirectory,
               GpsEffects effects);
    GpsService(const GpsService&) = delete;
    GpsService& operator=(const GpsService&) = delete;

private:
    void onReport();
    void look();
    void tellReceivers(double now);
    void tellSituation();
    void tellFix();
    void keepGpsd(double now);
    void keepClock(double now);
    void beReady(bool timeIsOver);
    PartReport report();

    GpsEffects effects_;
    long waitSeconds_;
    GpsHealth health_;
    GpsdKeeper keeper_;
    ClockRule clock_;
    bool clockWasSet_ = false;
    bool ready_ = false;
    bool hadFix_ = false;    ///< since there is a receiver
    std::string fixMessage_; ///< not told yet: how gpsd decodes the receiver comes first
    double waitingSince_;    ///< for a fix

    /// What the journal knows of a receiver.
    struct Told {
        double since; ///< when gpsd listed it
        bool decoded = false;
        bool undecoded = false;
    };

    std::map<std::string, Told> told_; ///< by device
    Timer look_;
    Timer wait_;
    GpsdClient gpsd_;
    StatusReporter status_;
};

} // namespace stinky::gps
