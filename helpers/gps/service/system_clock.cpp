#include "gps/service/system_clock.h"

#include "common/error.h"

#include <sys/timex.h>

#include <cerrno>
#include <cmath>
#include <ctime>

namespace stinky::gps {

double wallSeconds() noexcept {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

bool clockIsDisciplined() noexcept {
    timex state = {};
    const int r = adjtimex(&state);
    return r >= 0 && r != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

void setWallClock(double seconds) {
    timespec time = {};
    double whole = 0;
    time.tv_nsec = static_cast<long>(std::modf(seconds, &whole) * 1e9);
    time.tv_sec = static_cast<time_t>(whole);
    if (clock_settime(CLOCK_REALTIME, &time) < 0)
        throw Error::fromErrno("set", "the system's clock", errno);
}

} // namespace stinky::gps
