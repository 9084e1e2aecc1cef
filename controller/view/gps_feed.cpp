#include "view/gps_feed.h"

#include <utility>

namespace stinky::view {
namespace {

constexpr std::chrono::seconds followedFor{30};

} // namespace

GpsFeed::GpsFeed(EventLoop& loop, std::string endpoint, std::function<void()> changed)
    : loop_(loop), endpoint_(std::move(endpoint)), changed_(std::move(changed)) {
    end_ = loop.addTimer(std::chrono::seconds(1), "end of the look at gpsd", [this] {
        client_.reset();
        changed_();
    });
}

void GpsFeed::wanted() {
    end_.arm(followedFor);
    if (!client_)
        client_ = std::make_unique<GpsdClient>(loop_, endpoint_, changed_);
}

} // namespace stinky::view
