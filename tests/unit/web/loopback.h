#pragma once

#include "common/fd.h"

#include <netinet/in.h>

namespace stinky::web {

/// A socket that listens on a free port of 127.0.0.1, put to `address`. Throws Error.
Fd listenOnLoopback(sockaddr_in& address);
/// A client of it, connected. Throws Error.
Fd connectTo(const sockaddr_in& address);

} // namespace stinky::web
