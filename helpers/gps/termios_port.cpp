#include "gps/termios_port.h"

#include "gps/port_holder.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace stinky::gps {
namespace {

struct SpeedCode {
    unsigned baud;
    tcflag_t code;
};

// Known speeds are set by their codes: with BOTHER, cfgetospeed(3) could not tell gpsd what was left on the
// port.
constexpr std::array<SpeedCode, 15> speedCodes{{{1200, B1200},
                                                {1800, B1800},
                                                {2400, B2400},
                                                {4800, B4800},
                                                {9600, B9600},
                                                {19200, B19200},
                                                {38400, B38400},
                                                {57600, B57600},
                                                {115200, B115200},
                                                {230400, B230400},
                                                {460800, B460800},
                                                {500000, B500000},
                                                {576000, B576000},
                                                {921600, B921600},
                                                {1000000, B1000000}}};

tcflag_t speedCode(unsigned baud) {
    for (const SpeedCode& speed : speedCodes)
        if (speed.baud == baud)
            return speed.code;
    return BOTHER;
}

Error openError(const std::string& path, int err) {
    if (err == EACCES)
        return {"open", path,
                "Permission denied (a login or console on this port takes it for itself; otherwise group "
                "dialout may "
                "read it)",
                err};
    return Error::fromErrno("open", path, err);
}

std::string describe(const std::optional<PortHolder>& holder) {
    if (!holder)
        return "another process has it for itself";
    return holder->name + " (process " + std::to_string(holder->pid) + ") has it open";
}

} // namespace

struct TermiosPort::Settings {
    termios2 value{};
};

PortBusy::PortBusy(std::string path, std::string why)
    : Error("use", std::move(path), std::move(why), EBUSY) {}

TermiosPort::TermiosPort(const std::string& path) : path_(path), original_(std::make_unique<Settings>()) {
    struct stat status = {};
    if (stat(path.c_str(), &status) < 0)
        throw Error::fromErrno("open", path, errno);
    if (!S_ISCHR(status.st_mode))
        throw Error("open", path, "not a serial port", ENOTTY);
    fd_ = Fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd_ && errno == EBUSY)
        throw PortBusy(path, describe(findPortHolder(status.st_rdev)));
    if (!fd_)
        throw openError(path, errno);
    // An administrator's process is let in even then.
    int exclusive = 0;
    if (ioctl(fd_.get(), TIOCGEXCL, &exclusive) == 0 && exclusive != 0)
        throw PortBusy(path, describe(findPortHolder(status.st_rdev)));
    if (ioctl(fd_.get(), TCGETS2, &original_->value) < 0)
        throw Error("open", path,
                    errno == ENOTTY ? "not a serial port" : std::generic_category().message(errno), errno);
    // First shut the door, then look who is inside.
    if (ioctl(fd_.get(), TIOCEXCL) < 0)
        throw Error::fromErrno("lock", path, errno);
    if (const auto holder = findPortHolder(status.st_rdev)) {
        ioctl(fd_.get(), TIOCNXCL);
        throw PortBusy(path, describe(holder));
    }
    try {
        makeRaw();
    } catch (...) {
        ioctl(fd_.get(), TIOCNXCL); // no destructor runs for what was not made
        throw;
    }
}

TermiosPort::~TermiosPort() {
    // Both fail on a port that was pulled out, and then there is nothing to restore.
    if (!keep_)
        ioctl(fd_.get(), TCSETS2, &original_->value);
    ioctl(fd_.get(), TIOCNXCL);
}

void TermiosPort::makeRaw() {
    termios2 raw = original_->value;
    // Also without INPCK and IGNPAR: a byte with a framing error is evidence and must arrive as it was
    // sampled.
    raw.c_iflag = 0;
    raw.c_oflag = 0;
    raw.c_lflag = 0;
    raw.c_cflag &= ~static_cast<tcflag_t>(CSIZE | PARENB | PARODD | CSTOPB | CRTSCTS | HUPCL);
    raw.c_cflag |= CS8 | CLOCAL | CREAD;
    raw.c_cc[VMIN] = 1; // with 0, "no bytes yet" and "unplugged" would look alike
    raw.c_cc[VTIME] = 0;
    if (ioctl(fd_.get(), TCSETS2, &raw) < 0)
        throw Error::fromErrno("configure", path_, errno);
}

bool TermiosPort::setBaud(unsigned baud) {
    termios2 settings{};
    if (ioctl(fd_.get(), TCGETS2, &settings) < 0)
        throw Error::fromErrno("configure", path_, errno);
    settings.c_cflag &= ~static_cast<tcflag_t>(CBAUD | (CBAUD << IBSHIFT)); // input speed as output speed
    settings.c_cflag |= speedCode(baud);
    settings.c_ispeed = baud;
    settings.c_ospeed = baud;
    if (ioctl(fd_.get(), TCSETS2, &settings) < 0) {
        if (errno == EINVAL)
            return false;
        throw Error::fromErrno("set the speed of", path_, errno);
    }
    if (ioctl(fd_.get(), TCFLSH, TCIFLUSH) < 0)
        throw Error::fromErrno("flush", path_, errno);
    // A driver that cannot do a speed takes the nearest one and says so here; a UART bears 3 %.
    const auto difference = std::labs(static_cast<long>(this->baud()) - static_cast<long>(baud));
    return difference * 100 <= static_cast<long>(baud) * 3;
}

unsigned TermiosPort::baud() const {
    termios2 settings{};
    if (ioctl(fd_.get(), TCGETS2, &settings) < 0)
        throw Error::fromErrno("read the speed of", path_, errno);
    return settings.c_ospeed;
}

std::size_t TermiosPort::read(std::span<std::uint8_t> into) {
    const ssize_t count = ::read(fd_.get(), into.data(), into.size());
    if (count > 0)
        return static_cast<std::size_t>(count);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (count == 0 || errno == EIO)
        throw Error("read", path_, "unplugged", EIO);
    throw Error::fromErrno("read", path_, errno);
}

} // namespace stinky::gps
