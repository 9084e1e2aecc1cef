#pragma once

#include "common/error.h"
#include "common/fd.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <string>

namespace stinky::tak::test {

/// A TAK client's end: a UDP socket on loopback with a port of its own.
class UdpReceiver {
public:
    UdpReceiver() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 ||
            getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) < 0)
            throw Error::fromErrno("bind", "loopback", errno);
        port_ = ntohs(address.sin_port);
    }

    std::string url() const { return "udp://127.0.0.1:" + std::to_string(port_); }

    /// The next datagram; nothing when none came in time.
    std::optional<std::string> receive(int milliseconds = 5000) {
        pollfd waiting = {socket_.get(), POLLIN, 0};
        if (poll(&waiting, 1, milliseconds) != 1)
            return std::nullopt;
        std::string buffer(65536, '\0');
        const ssize_t n = recv(socket_.get(), buffer.data(), buffer.size(), 0);
        buffer.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
        return buffer;
    }

private:
    Fd socket_;
    int port_ = 0;
};

} // namespace stinky::tak::test
