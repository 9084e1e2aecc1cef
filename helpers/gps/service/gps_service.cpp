#include "gps/service/gps_service.h"

#include "common/error.h"
#include "common/log.h"
#include "gps/service/system_clock.h"
#include "gps/service/systemd_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace stinky::gps {
namespace {

// A fix goes stale without anybody saying so, and so does a gpsd.
constexpr std::chrono::seconds lookInterval{2};
// A receiver talks every second at least.
constexpr double longEnoughToDecode = 10; // s

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
      waitingSince_(monotonicSeconds()),
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
    tellReceivers(now);
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
    tellReceivers(now);
    tellFix();
    if (health_.observe(gpsd_.state(), now))
        tellSituation();
    status_.changed();
}

void GpsService::tellReceivers(double now) {
    const GpsState& state = gpsd_.state();
    if (!state.answered)
        return;
    std::erase_if(told_, [&](const auto& entry) {
        const bool gone = !state.devices.contains(entry.first);
        if (gone)
            log::info("gps-gone", entry.first + " is gone from gpsd", {{"STINKY_DEVICE", entry.first}});
        return gone;
    });
    if (told_.empty())
        waitingSince_ = now;
    for (const std::string& device : state.devices) {
        Told& told = told_.try_emplace(device, Told{now}).first->second;
        const auto receiver = state.receivers.find(device);
        const bool decoded = receiver != state.receivers.end() && !receiver->second.driver.empty();
        if (decoded && !std::exchange(told.decoded, true)) {
            const unsigned baud = receiver->second.baud;
            const std::string speed = baud > 0 ? fmt::format(" at {} bit/s", baud) : "";
            log::info("gps-decoded",
                      fmt::format("gpsd decodes {}: {}{}", device, receiver->second.driver, speed),
                      {{"STINKY_DEVICE", device}, {"STINKY_BAUD", std::to_string(baud)}});
            tellFix();
        }
        // Found by its packets, handed over, and lost on the way.
        if (!decoded && now - told.since >= longEnoughToDecode && !std::exchange(told.undecoded, true))
            log::warning(
                "gps-not-decoded",
                fmt::format("gpsd has {} and makes no sense of it for {:.0f} s: unplug it and plug it in "
                            "again, or restart stinky-gps@",
                            device, now - told.since),
                {{"STINKY_DEVICE", device}});
    }
}

void GpsService::tellFix() {
    if (!fixMessage_.empty())
        log::info("gps-fix", std::exchange(fixMessage_, {}));
}

void GpsService::tellSituation() {
    const double now = monotonicSeconds();
    const GpsState& state = gpsd_.state();
    switch (health_.situation()) {
    case Situation::fix:
        fixMessage_ = fmt::format("{}{}, after {:.0f} s", hadFix_ ? "" : "first fix: ", fixText(state),
                                  now - waitingSince_);
        hadFix_ = true;
        if (std::ranges::all_of(told_, [](const auto& entry) { return entry.second.decoded; }))
            tellFix();
        break;
    case Situation::noFix:
        waitingSince_ = now;
        log::notice("gps-no-fix",
                    fmt::format("waiting for a fix, {} satellites seen", state.satellitesSeen));
        break;
    case Situation::noReceiver:
        hadFix_ = false;
        log::notice("gps-no-receiver", "gpsd has no receiver");
        break;
    case Situation::gpsdSilent:
        log::warning("gpsd-silent", positionProblem(state, now));
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
    const GpsHealth::Extras extras{keeper_.restarts(), keeper_.gaveUp(), clock_.trusted(), clockWasSet_};
    return health_.report(gpsd_.state(), extras, monotonicSeconds());
}

} // namespace stinky::gps
