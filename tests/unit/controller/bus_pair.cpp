#include "bus_pair.h"

#include "common/error.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "turn_until.h"

namespace stinky::test {
namespace {

bus::Bus end(EventLoop& loop, int fd, bool server) {
    sd_bus* raw = nullptr;
    checked(sd_bus_new(&raw), "make a bus");
    bus::Bus bus(raw);
    checked(sd_bus_set_fd(raw, fd, fd), "use the socket");
    if (server)
        checked(sd_bus_set_server(
                    raw, 1, SD_ID128_MAKE(3a, 10, 44, 5f, 2b, 11, 4c, 70, 9e, 12, 6d, 55, 0a, 1f, 43, 21)),
                "make a server");
    checked(sd_bus_set_anonymous(raw, 1), "let anybody in");
    checked(sd_bus_start(raw), "start the bus");
    checked(sd_bus_attach_event(raw, loop.handle(), SD_EVENT_PRIORITY_NORMAL), "serve the bus");
    return bus;
}

} // namespace

BusPair::BusPair() {
    std::array<int, 2> fds = {};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) < 0)
        throw Error::fromErrno("make", "a socket pair", errno);
    server = end(loop, fds[0], true);
    client = end(loop, fds[1], false);
}

bool BusPair::until(const std::function<bool()>& condition) {
    return test::turnUntil(loop, condition);
}

void BusPair::settle() {
    while (loop.runOnce(std::chrono::milliseconds(20))) {
    }
}

} // namespace stinky::test
