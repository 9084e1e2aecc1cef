#include "tak/control_socket.h"

#include "common/error.h"

#include <grp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace stinky::tak {
namespace {

constexpr std::size_t mostClients = 4;
constexpr std::size_t longestRequest = 64;
constexpr std::chrono::seconds clientLimit{10};

} // namespace

ControlSocket::ControlSocket(EventLoop& loop, std::string path, const std::string& group, Request test)
    : loop_(loop),
      path_(std::move(path)),
      test_(std::move(test)),
      socket_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path)
        throw Error("listen on", path_, "the path is too long");
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    unlink(path_.c_str()); // of a process that was killed
    const mode_t before = umask(0117);
    const bool bound =
        socket_ && bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int error = errno;
    umask(before);
    if (!bound)
        throw Error::fromErrno("listen on", path_, error);
    // Where there is no such group, the socket is for root and ourselves.
    if (const struct group* found = getgrnam(group.c_str());
        found != nullptr && chown(path_.c_str(), static_cast<uid_t>(-1), found->gr_gid) < 0 &&
        errno != EPERM)
        throw Error::fromErrno("give to the group " + group, path_, errno);
    if (listen(socket_.get(), static_cast<int>(mostClients)) < 0)
        throw Error::fromErrno("listen on", path_, errno);
    acceptable_ = loop_.addIo(socket_.get(), EPOLLIN, path_, [this](std::uint32_t) { onConnection(); });
}

ControlSocket::~ControlSocket() {
    unlink(path_.c_str());
}

void ControlSocket::onConnection() {
    Fd socket(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket || clients_.size() == mostClients)
        return;
    auto client = std::make_shared<Client>();
    client->socket = std::move(socket);
    const std::weak_ptr<Client> weak = client;
    client->readable =
        loop_.addIo(client->socket.get(), EPOLLIN, "client of " + path_, [this, weak](std::uint32_t) {
            if (const auto asking = weak.lock())
                onReadable(asking);
        });
    client->limit = loop_.addTimer(std::chrono::milliseconds(100), "client of " + path_, [this, weak] {
        if (const auto late = weak.lock())
            clients_.remove(late);
    });
    client->limit.arm(clientLimit);
    clients_.push_back(std::move(client));
}

void ControlSocket::onReadable(const std::shared_ptr<Client>& client) {
    char buffer[longestRequest];
    const ssize_t n = recv(client->socket.get(), buffer, sizeof buffer, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    client->line.append(buffer, n > 0 ? static_cast<std::size_t>(n) : 0);
    if (n <= 0 || client->line.size() > longestRequest) {
        clients_.remove(client);
        return;
    }
    if (client->line.find('\n') == std::string::npos)
        return;
    client->readable.reset();
    const std::weak_ptr<Client> weak = client;
    if (client->line == "test\n")
        test_([this, weak](const std::string& json) { answer(weak, json); });
    else
        answer(weak, R"({"error":"no such request"})");
}

void ControlSocket::answer(const std::weak_ptr<Client>& weak, const std::string& text) {
    const auto client = weak.lock();
    if (!client)
        return;
    // An answer fits the socket's buffer; a client that went away misses it.
    const std::string line = text + "\n";
    send(client->socket.get(), line.data(), line.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    clients_.remove(client);
}

} // namespace stinky::tak
