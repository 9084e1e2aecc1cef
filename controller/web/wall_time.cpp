#include "web/wall_time.h"

namespace stinky::web {

double secondsOf(const timespec& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double wallSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    return secondsOf(now);
}

} // namespace stinky::web
