#include "unit/sim/serial_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace stinky::sim::test {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

} // namespace

SerialReader::SerialReader(const std::string& path, unsigned speed)
    : fd_(open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
    if (!fd_) {
        fail(path.c_str());
    }
    apply(speed);
}

void SerialReader::setSpeed(unsigned speed) {
    apply(speed);
    tcflush(fd_.get(), TCIFLUSH);
    received_.clear();
}

void SerialReader::apply(unsigned speed) {
    termios settings{};
    if (tcgetattr(fd_.get(), &settings) != 0) {
        fail("tcgetattr");
    }
    cfmakeraw(&settings);
    cfsetspeed(&settings, speed);
    if (tcsetattr(fd_.get(), TCSANOW, &settings) != 0) {
        fail("tcsetattr");
    }
}

bool SerialReader::readUntil(const std::function<bool(const std::string&)>& enough,
                             std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!enough(received_)) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now())
                .count();
        pollfd state{fd_.get(), POLLIN, 0};
        if (left <= 0 || poll(&state, 1, static_cast<int>(left)) <= 0) {
            return false;
        }
        std::array<char, 4096> bytes{};
        const ssize_t size = read(fd_.get(), bytes.data(), bytes.size());
        if (size <= 0) {
            return false;
        }
        received_.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return true;
}

bool SerialReader::readBytes(std::size_t count, std::chrono::milliseconds timeout) {
    return readUntil([count](const std::string& bytes) { return bytes.size() >= count; }, timeout);
}

} // namespace stinky::sim::test
