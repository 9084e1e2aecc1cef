#include "tak/beacon.h"

#include "common/part_status.h"

#include <utility>

namespace stinky::tak {

OwnPosition ownPosition(const GpsFix& fix) {
    return {fix.latitude, fix.longitude, fix.altitudeHae, fix.eph, fix.epv, fix.speed, fix.track};
}

Beacon::Beacon(EventLoop& loop, std::string node, const std::string& gpsd, std::chrono::seconds interval,
               std::function<Health()> health, std::function<void(std::string)> send)
    : node_(std::move(node)),
      interval_(interval),
      health_(std::move(health)),
      send_(std::move(send)),
      timer_(loop.addTimer(std::chrono::milliseconds(200), "beacon", [this] { onTime(); })),
      gps_(loop, gpsd, [this] { onGps(); }) {}

std::optional<OwnPosition> Beacon::position() const {
    const auto fix = freshPosition(gps_.state(), monotonicSeconds());
    return fix ? std::optional(ownPosition(*fix)) : std::nullopt;
}

void Beacon::onGps() {
    if (waiting_)
        onTime();
}

void Beacon::onTime() {
    const auto here = position();
    waiting_ = !here;
    if (!here)
        return;
    // Three may be lost before a client takes the sensor for gone.
    send_(ownPositionEvent(node_, *here, health_(), std::chrono::system_clock::now(), interval_ * 4));
    timer_.arm(interval_);
}

} // namespace stinky::tak
