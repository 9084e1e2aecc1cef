#include "web/wall_time.h"

#include <ctime>

namespace stinky::web {

double wallSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

} // namespace stinky::web
