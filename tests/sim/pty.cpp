#include "sim/pty.h"

#include "sim/line_speed.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace stinky::sim {

namespace {

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

UniqueFd openSlave(const std::string& path) {
    return UniqueFd(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
}

void makeRaw(int fd) {
    termios settings{};
    if (tcgetattr(fd, &settings) != 0) {
        fail("tcgetattr");
    }
    cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    cfsetspeed(&settings, B9600);
    if (tcsetattr(fd, TCSANOW, &settings) != 0) {
        fail("tcsetattr");
    }
}

} // namespace

Pty::Pty() : master_(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    if (!master_) {
        fail("posix_openpt");
    }
    std::array<char, 64> name{};
    if (grantpt(master_.get()) != 0 || unlockpt(master_.get()) != 0 ||
        ptsname_r(master_.get(), name.data(), name.size()) != 0) {
        fail("pseudo-terminal");
    }
    slavePath_ = name.data();
    const UniqueFd slave = openSlave(slavePath_);
    if (!slave) {
        fail(slavePath_);
    }
    // Opening and closing the slave once also makes the master report from now on that nobody has it open.
    makeRaw(slave.get());
}

bool Pty::hasReader() {
    pollfd state{master_.get(), 0, 0};
    const bool reader = poll(&state, 1, 0) == 0 || (state.revents & POLLHUP) == 0;
    if (hadReader_ && !reader) {
        discardUnread();
    }
    hadReader_ = reader;
    return reader;
}

unsigned Pty::readerBaud() const {
    return receiveSpeed(master_.get());
}

void Pty::deliver(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(master_.get(), bytes.data(), bytes.size());
        if (written > 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        } else if (written == 0 || errno != EINTR) {
            return;
        }
    }
}

void Pty::discardCommands() {
    std::array<char, 512> buffer{};
    while (read(master_.get(), buffer.data(), buffer.size()) > 0) {
    }
}

void Pty::discardUnread() {
    // Fails on a port that somebody has just opened for himself alone (TIOCEXCL): then it is his to flush.
    const UniqueFd slave = openSlave(slavePath_);
    if (slave) {
        tcflush(slave.get(), TCIFLUSH);
    }
}

Symlink::Symlink(std::string target, std::string path) : target_(std::move(target)), path_(std::move(path)) {
    if (std::filesystem::exists(std::filesystem::symlink_status(path_)) &&
        !std::filesystem::is_symlink(path_)) {
        throw std::system_error(EEXIST, std::generic_category(), path_ + " is not a symbolic link");
    }
    const std::string temporary = path_ + '.' + std::to_string(getpid());
    if (symlink(target_.c_str(), temporary.c_str()) != 0) {
        fail(temporary);
    }
    if (rename(temporary.c_str(), path_.c_str()) != 0) {
        const int reason = errno;
        unlink(temporary.c_str());
        errno = reason;
        fail(path_);
    }
}

Symlink::~Symlink() {
    std::error_code error;
    if (std::filesystem::read_symlink(path_, error) == target_) {
        unlink(path_.c_str());
    }
}

} // namespace stinky::sim
