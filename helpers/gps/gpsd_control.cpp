#include "gps/gpsd_control.h"

#include "common/error.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace stinky::gps {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t longestReply = 64 * 1024;

GpsdReply::Result resultOf(std::string_view line) {
    // A device's path or URL has a slash; a JSON object may have one too, in its message.
    if (!line.starts_with('{') && line.find('/') != std::string_view::npos)
        return GpsdReply::Result::pending;
    if (line.find("ERROR") != std::string_view::npos)
        return GpsdReply::Result::error;
    if (line.find("OK") != std::string_view::npos || line.find("ACK") != std::string_view::npos)
        return GpsdReply::Result::ok;
    return GpsdReply::Result::pending;
}

Error connectError(const std::string& socket, int err) {
    switch (err) {
    case ENOENT:
        return {"connect to", socket, "no such socket: gpsd.socket is not running", err};
    case ECONNREFUSED:
        return {"connect to", socket, "nobody listens: gpsd has ended and gpsd.socket is not running", err};
    case EACCES:
        return {"connect to", socket,
                "Permission denied: gpsd.socket makes it for root alone (SocketMode=0600) where no drop-in "
                "gives it to "
                "another group",
                err};
    default:
        return Error::fromErrno("connect to", socket, err);
    }
}

bool isGone(const Error& error) {
    return error.code() == ENOENT || error.code() == ECONNREFUSED || error.code() == ECONNRESET ||
           error.code() == EPIPE;
}

Fd connectTo(const std::string& path, std::chrono::milliseconds limit) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path)
        throw Error("connect to", path, "not a path of a socket", EINVAL);
    std::memcpy(address.sun_path, path.data(), path.size());
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd)
        throw Error::fromErrno("make a socket for", path, errno);
    // A full queue of connections makes connect wait, for this long.
    const timeval timeout{limit.count() / 1000, static_cast<suseconds_t>(limit.count() % 1000 * 1000)};
    setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
    if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0)
        throw connectError(path, errno == EAGAIN ? ETIMEDOUT : errno);
    return fd;
}

} // namespace

GpsdReply parseGpsdReply(std::string_view text) {
    GpsdReply reply;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        reply.result = resultOf(line);
        if (reply.result != GpsdReply::Result::pending)
            return reply;
        if (!line.empty())
            reply.devices.emplace_back(line);
    }
    return reply;
}

bool isGpsdPath(std::string_view path) noexcept {
    return path.starts_with('/') && path.size() < 128 && // gpsd's GPS_PATH_MAX
           std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c <= '~'; });
}

GpsdControl::GpsdControl(std::string socket, Deadline limit) : socket_(std::move(socket)), limit_(limit) {}

GpsdReply GpsdControl::ask(const std::string& command) const {
    const auto end = Clock::now() + limit_;
    const Fd fd = connectTo(socket_, limit_);
    const std::string line = command + "\n";
    if (send(fd.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        throw Error::fromErrno("send to", socket_, errno);
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() < longestReply) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        pollfd wait{fd.get(), POLLIN, 0};
        const int ready = left > 0 ? poll(&wait, 1, static_cast<int>(left)) : 0;
        if (ready == 0)
            throw Error("ask", socket_,
                        "gpsd did not answer within " + std::to_string(limit_.count()) + " ms", ETIMEDOUT);
        const ssize_t count = ready < 0 ? -1 : recv(fd.get(), buffer.data(), buffer.size(), 0);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw Error::fromErrno("read from", socket_, errno);
        if (count == 0)
            throw Error("ask", socket_, "gpsd closed the connection without an answer", ECONNRESET);
        text.append(buffer.data(), static_cast<std::size_t>(count));
        GpsdReply reply = parseGpsdReply(text);
        if (reply.result != GpsdReply::Result::pending)
            return reply;
    }
    throw Error("ask", socket_, "the answer is longer than any of gpsd's", EMSGSIZE);
}

std::vector<std::string> GpsdControl::devices() const {
    GpsdReply reply = ask("?devices");
    if (reply.result == GpsdReply::Result::error)
        throw Error("ask", socket_, "gpsd does not list its devices", EPROTO);
    return std::move(reply.devices);
}

bool GpsdControl::has(const std::string& path) const {
    const std::vector<std::string> all = devices();
    return std::find(all.begin(), all.end(), path) != all.end();
}

GpsdControl::Added GpsdControl::add(const std::string& path) const {
    if (has(path))
        return Added::alreadyThere;
    if (ask("+" + path).result == GpsdReply::Result::ok)
        return Added::added;
    // gpsd's ERROR also means "somebody was faster".
    if (has(path))
        return Added::alreadyThere;
    throw Error("hand to gpsd", path, "gpsd refused it: its pool of devices may be full", EPROTO);
}

GpsdControl::Removed GpsdControl::remove(const std::string& path) const {
    try {
        if (!has(path))
            return Removed::notThere;
        if (ask("-" + path).result == GpsdReply::Result::ok || !has(path))
            return Removed::removed;
    } catch (const Error& error) {
        if (isGone(error))
            return Removed::gpsdGone;
        throw;
    }
    throw Error("take back from gpsd", path, "gpsd kept it", EPROTO);
}

} // namespace stinky::gps
