#pragma once

namespace stinky::gps {

/// CLOCK_REALTIME, in seconds.
double wallSeconds() noexcept;

/// True while something disciplines the system's clock: the kernel's own mark, which NTP daemons set and
/// clear (adjtimex(2), STA_UNSYNC).
bool clockIsDisciplined() noexcept;

/// Sets CLOCK_REALTIME; needs CAP_SYS_TIME. Throws Error.
void setWallClock(double seconds);

} // namespace stinky::gps
