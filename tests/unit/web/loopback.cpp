#include "web/loopback.h"

#include "common/error.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>

namespace stinky::web {

Fd listenOnLoopback(sockaddr_in& address) {
    Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address); // NOLINT: how sockets are
    if (bind(fd.get(), generic, size) < 0 || listen(fd.get(), 8) < 0 ||
        getsockname(fd.get(), generic, &size) < 0)
        throw Error::fromErrno("listen on", "127.0.0.1", errno);
    return fd;
}

Fd connectTo(const sockaddr_in& address) {
    Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto* generic = reinterpret_cast<const sockaddr*>(&address); // NOLINT: how sockets are
    if (connect(fd.get(), generic, sizeof address) < 0)
        throw Error::fromErrno("connect to", "the server", errno);
    return fd;
}

} // namespace stinky::web
