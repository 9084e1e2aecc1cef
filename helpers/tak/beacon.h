#pragma once

#include "common/event_loop.h"
#include "common/gpsd_client.h"
#include "tak/cot.h"

#include <functional>
#include <optional>
#include <string>

namespace stinky::tak {

/// Tells where the sensor is and how it stands: at the first fix, and then in an interval. Without a
/// position there is nothing to tell.
class Beacon {
public:
    /// `health` is asked for each event, which goes to `send`.
    Beacon(EventLoop& loop, std::string node, const std::string& gpsd, std::chrono::seconds interval,
           std::function<Health()> health, std::function<void(std::string event)> send);

    std::optional<OwnPosition> position() const;

private:
    void onGps();
    void onTime();

    std::string node_;
    std::chrono::seconds interval_;
    std::function<Health()> health_;
    std::function<void(std::string)> send_;
    bool waiting_ = true; ///< for a position, with the next event due
    Timer timer_;
    GpsdClient gps_;
};

OwnPosition ownPosition(const GpsFix& fix);

} // namespace stinky::tak
