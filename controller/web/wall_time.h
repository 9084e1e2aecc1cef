#pragma once

#include <ctime>

namespace stinky::web {

double secondsOf(const timespec& time);

/// Seconds since 1970.
double wallSeconds();

} // namespace stinky::web
