#include "gps/service/port_watch.h"

#include <utility>

namespace stinky::gps {
namespace {

constexpr std::chrono::seconds settled{1};

} // namespace

PortWatch::PortWatch(EventLoop& loop, const std::string& path, std::function<bool()> held,
                     std::function<void()> free)
    : pause_(loop.addTimer(std::chrono::milliseconds(100), "pause after a close",
                           [held = std::move(held), free = std::move(free)] {
                               if (!held())
                                   free();
                           })),
      closes_(loop.addInotify(path, IN_CLOSE, [this](const inotify_event&) { pause_.arm(settled); })) {
    // It may have been closed before the watch was there.
    pause_.arm(settled);
}

} // namespace stinky::gps
