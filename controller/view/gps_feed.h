#pragma once

#include "common/gpsd_client.h"

#include <functional>
#include <memory>
#include <string>

namespace stinky::view {

/// gpsd, followed only while somebody asks: an idle sensor is not woken each second for nobody.
class GpsFeed {
public:
    /// `changed` is called after each report of gpsd.
    GpsFeed(EventLoop& loop, std::string endpoint, std::function<void()> changed);

    /// Somebody looks: gpsd is followed from now on for half a minute.
    void wanted();

    /// Null while gpsd is not followed.
    const GpsState* state() const noexcept { return client_ ? &client_->state() : nullptr; }

private:
    EventLoop& loop_;
    std::string endpoint_;
    std::function<void()> changed_;
    std::unique_ptr<GpsdClient> client_;
    Timer end_;
};

} // namespace stinky::view
