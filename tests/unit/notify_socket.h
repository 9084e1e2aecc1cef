#pragma once

#include "common/event_loop.h"
#include "common/fd.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

namespace stinky::test {

/// Stands for systemd: hears what sd_notify(3) says in this process.
class NotifySocket {
public:
    NotifySocket(EventLoop& loop, const std::string& path)
        : fd_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        if (bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
            throw std::system_error(errno, std::generic_category(), path);
        setenv("NOTIFY_SOCKET", path.c_str(), 1);
        source_ = loop.addIo(fd_.get(), EPOLLIN, "notify", [this](std::uint32_t) { hear(); });
    }

    ~NotifySocket() { unsetenv("NOTIFY_SOCKET"); }

    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    /// Each message, in its turn.
    const std::vector<std::string>& said() const { return said_; }

    bool ready() const { return std::find(said_.begin(), said_.end(), "READY=1") != said_.end(); }

    /// Takes what has been said up to now; the loop does so by itself.
    void hear() {
        std::array<char, 4096> buffer{};
        for (ssize_t n = 0; (n = recv(fd_.get(), buffer.data(), buffer.size(), 0)) > 0;)
            said_.emplace_back(buffer.data(), static_cast<std::size_t>(n));
    }

private:
    Fd fd_;
    EventSource source_;
    std::vector<std::string> said_;
};

} // namespace stinky::test
