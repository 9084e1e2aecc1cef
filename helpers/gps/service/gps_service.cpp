#include "gps/service/gps_service.h"

#include "common/error.h"
#include "common/log.h"
#include "gps/service/system_clock.h"
#include "gps/service/systemd_calls.h"

#include <fmt/format.h>

#include <utility>

namespace stinky::gps {
namespace {

// A fix goes stale without anybody saying so, and so does a gpsd.
constexpr std::chrono::seconds lookInterval{2};

} // namespace

GpsEffects realEffects() {
    return {restartGpsd, wallSeconds, clockIsDisciplined, setWallClock};
}

GpsService::GpsService(EventLoop& loop, const Config& config, const std::string& statusDirectory,
                       GpsEffects effects)
    : effects_(std::move(effects)),
      waitSeconds_(config.number("GPS_WAIT")),
      health_(static_cast<int>(config.number("GPS_NO_FIX_MINUTES"))),
      keeper_(monotonicSeconds()),
      clock_(config.text("GPS_TIME") == "yes"),
      startedAt_(monotonicSeconds()),
      look_(loop.addTimer(std::chrono::milliseconds(500), "look at gpsd", [this] { look(); })),
      wait_(loop.addTimer(std::chrono::milliseconds(10), "GPS_WAIT", [this] { beReady(true); })),
      gpsd_(loop, config.text("GPSD"), [this] { onReport(); }),
      status_(loop, statusDirectory, [this] { return report(); }) {
    look_.arm(lookInterval);
    wait_.arm(std::chrono::seconds(waitSeconds_));
    status_.changed();
}

void GpsService::beReady(bool timeIsOver) {
    if (std::exchange(ready_, true))
        return;
    wait_.disarm();
    if (timeIsOver)
        log::notice(
            "gps-ready-without",
            fmt::format("going on without GPS for now: no receiver within {} s (GPS_WAIT)", waitSeconds_));
    status_.ready();
}

void GpsService::onReport() {
    const double now = monotonicSeconds();
    tellReceivers();
    if (health_.observe(gpsd_.state(), now))
        tellSituation();
    keepClock(now);
    // Not a device in a list: data that gpsd made sense of.
    if (gpsd_.state().fix.monotonic > 0)
        beReady(false);
    status_.changed();
    status_.counted();
}

void GpsService::look() {
    look_.arm(lookInterval);
    const double now = monotonicSeconds();
    keepGpsd(now);
    if (health_.observe(gpsd_.state(), now))
        tellSituation();
    status_.changed();
}

void GpsService::tellReceivers() {
    const GpsState& state = gpsd_.state();
    std::erase_if(told_, [&](const std::string& device) {
        const bool gone = state.answered && !state.devices.contains(device);
        if (gone)
            log::info("gps-gone", device + " is gone from gpsd", {{"STINKY_DEVICE", device}});
        return gone;
    });
    for (const auto& [device, receiver] : state.receivers) {
        if (receiver.driver.empty() || !state.devices.contains(device) || !told_.insert(device).second)
            continue;
        const std::string speed = receiver.baud > 0 ? fmt::format(" at {} bit/s", receiver.baud) : "";
        log::info("gps-decoded", fmt::format("gpsd decodes {}: {}{}", device, receiver.driver, speed),
                  {{"STINKY_DEVICE", device}, {"STINKY_BAUD", std::to_string(receiver.baud)}});
    }
}

void GpsService::tellSituation() {
    const GpsState& state = gpsd_.state();
    switch (health_.situation()) {
    case Situation::fix:
        log::info("gps-fix", fmt::format("{}{}, after {:.0f} s", hadFix_ ? "" : "first fix: ",
                                         fixText(state), monotonicSeconds() - startedAt_));
        hadFix_ = true;
        break;
    case Situation::noFix:
        log::notice("gps-no-fix",
                    fmt::format("waiting for a fix, {} satellites seen", state.satellitesSeen));
        break;
    case Situation::noReceiver:
        log::notice("gps-no-receiver", "gpsd has no receiver");
        break;
    case Situation::gpsdSilent:
        log::warning("gpsd-silent", positionProblem(state, monotonicSeconds()));
        break;
    }
}

void GpsService::keepGpsd(double now) {
    switch (keeper_.observe(gpsd_.state().connected && gpsd_.state().answered, now)) {
    case GpsdKeeper::Step::none:
        return;
    case GpsdKeeper::Step::giveUp:
        log::error("gpsd-given-up", "gpsd does not answer after 2 restarts: going on without GPS");
        return;
    case GpsdKeeper::Step::restart:
        break;
    }
    log::warning("gpsd-restart", fmt::format("gpsd does not answer: restarting it, {} of {}",
                                             keeper_.restarts(), GpsdKeeper::mostRestarts));
    try {
        effects_.restartGpsd();
        gpsd_.retryNow();
    } catch (const Error& error) {
        log::failure("gpsd-restart-failed", error);
    }
}

void GpsService::keepClock(double now) {
    const GpsState& state = gpsd_.state();
    if (state.fix.monotonic <= 0)
        return;
    const double wall = effects_.wallSeconds();
    const auto time = clock_.observe(state.fix, wall, now, effects_.clockIsDisciplined());
    if (!time)
        return;
    try {
        effects_.setClock(*time);
        clockWasSet_ = true;
        log::notice("clock-set",
                    fmt::format("the system's clock was set from GPS, by {:+.1f} s", *time - wall),
                    {{"STINKY_OFFSET_S", fmt::format("{:.3f}", *time - wall)}});
    } catch (const Error& error) {
        log::failure("clock-not-set", error);
    }
}

PartReport GpsService::report() {
    const GpsHealth::Extras extras{keeper_.restarts(), keeper_.gaveUp(), clock_.trusted() || clockWasSet_,
                                   clockWasSet_};
    return health_.report(gpsd_.state(), extras, monotonicSeconds());
}

} // namespace stinky::gps
