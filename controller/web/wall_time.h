#pragma once

namespace stinky::web {

/// Seconds since 1970.
double wallSeconds();

} // namespace stinky::web
