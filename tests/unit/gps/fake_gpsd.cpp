#include "fake_gpsd.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace stinky::gps {
namespace {

constexpr std::size_t slots = 4; // gpsd's MAX_DEVICES

Fd listenAt(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
    std::memcpy(address.sun_path, path.data(), path.size());
    Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    unlink(path.c_str());
    if (!fd || bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        ::listen(fd.get(), 16) < 0)
        throw std::system_error(errno, std::generic_category(), path);
    return fd;
}

} // namespace

FakeGpsd::FakeGpsd(std::string path, Dialect dialect, Mood mood)
    : path_(std::move(path)),
      dialect_(dialect),
      mood_(mood),
      listener_(listenAt(path_)),
      stop_(eventfd(0, EFD_CLOEXEC)),
      thread_([this] { serve(); }) {}

FakeGpsd::~FakeGpsd() {
    eventfd_write(stop_.get(), 1);
    thread_.join();
    unlink(path_.c_str());
}

void FakeGpsd::hold(const std::string& device) {
    const std::lock_guard lock(mutex_);
    devices_.push_back(device);
}

std::vector<std::string> FakeGpsd::devices() const {
    const std::lock_guard lock(mutex_);
    return devices_;
}

std::vector<std::string> FakeGpsd::commands() const {
    const std::lock_guard lock(mutex_);
    return commands_;
}

void FakeGpsd::serve() {
    for (;;) {
        std::array<pollfd, 2> fds{{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}}};
        if (poll(fds.data(), fds.size(), -1) < 0)
            continue;
        if (fds[0].revents != 0)
            return;
        const Fd connection(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (connection && mood_ != Mood::hangingUp)
            converse(connection.get());
    }
}

void FakeGpsd::converse(int fd) {
    std::string text;
    std::array<char, 512> buffer{};
    for (;;) {
        std::array<pollfd, 2> fds{{{stop_.get(), POLLIN, 0}, {fd, POLLIN, 0}}};
        if (poll(fds.data(), fds.size(), -1) < 0 || fds[0].revents != 0)
            return;
        const ssize_t count = recv(fd, buffer.data(), buffer.size(), 0);
        if (count <= 0)
            return;
        text.append(buffer.data(), static_cast<std::size_t>(count));
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
            const std::string reply = answer(text.substr(0, end));
            text.erase(0, end + 1);
            // In pieces, as gpsd writes a list of devices.
            for (std::size_t at = 0; mood_ != Mood::silent && at < reply.size(); at += 5)
                send(fd, reply.data() + at, std::min<std::size_t>(5, reply.size() - at), MSG_NOSIGNAL);
        }
    }
}

std::string FakeGpsd::answer(const std::string& command) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(command);
    const bool words = dialect_ == Dialect::words;
    const std::string yes = words ? "OK\n" : "{\"class\":\"ACK\"}\r\n";
    const std::string no = words ? "ERROR\n" : "{\"class\":\"ERROR\"}\r\n";
    if (command == "?devices") {
        std::string list;
        for (std::size_t slot = 0; slot < slots; ++slot)
            list += (slot < devices_.size() ? devices_[slot] : "") + "\n";
        return list + (words ? "OK\n" : "{\"class\":\"OK\"}\r\n");
    }
    const std::string device = command.substr(std::min<std::size_t>(1, command.size()));
    const auto found = std::find(devices_.begin(), devices_.end(), device);
    if (command.starts_with('+')) {
        if (mood_ == Mood::refusing || found != devices_.end() || devices_.size() == slots)
            return no;
        devices_.push_back(device);
        return yes;
    }
    if (command.starts_with('-') && found != devices_.end()) {
        devices_.erase(found);
        return yes;
    }
    return no;
}

} // namespace stinky::gps
