#include "gps/service/port_check.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "gps/port_holder.h"

#include <fmt/format.h>

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

namespace stinky::gps {
namespace {

namespace fs = std::filesystem;

// tty, usb-serial port, interface, device: with room for a hub's own ideas.
constexpr int mostLevels = 8;

std::string firstLine(const fs::path& path) {
    try {
        std::string text = readFile(path.string(), 256);
        return text.substr(0, text.find('\n'));
    } catch (const Error&) {
        return {};
    }
}

} // namespace

std::string usbIdOf(const std::string& port, const std::string& sys) {
    std::error_code error;
    fs::path at = fs::canonical(fs::path(sys) / "class/tty" / fs::path(port).filename() / "device", error);
    for (int level = 0; !error && level < mostLevels && at.has_relative_path();
         ++level, at = at.parent_path()) {
        const std::string vendor = firstLine(at / "idVendor");
        if (!vendor.empty())
            return vendor + ":" + firstLine(at / "idProduct");
    }
    return {};
}

std::optional<std::string> portUser(const std::string& path, const std::string& proc) {
    struct stat status = {};
    if (stat(path.c_str(), &status) < 0)
        throw Error::fromErrno("look at", path, errno);
    const auto holder = findPortHolder(status.st_rdev, proc);
    if (!holder)
        return std::nullopt;
    return fmt::format("{} (process {})", holder->name, holder->pid);
}

std::optional<PortRefusal> checkPort(const std::string& path, const Config& config,
                                     const PortSurroundings& surroundings) {
    const SerialDevice device = describeSerialDevice(path, surroundings.folders);
    const PortNames names{device.path, device.stableName, usbIdOf(device.path, surroundings.folders.sys)};
    if (const auto why = refusedBySettings(names, config.list("GPS_DEVICES"), config.list("GPS_ALLOW"),
                                           config.list("GPS_DENY")))
        return PortRefusal{PortRefusal::Kind::settings, *why};
    if (device.console)
        return PortRefusal{
            PortRefusal::Kind::console,
            "the kernel's console is on it: take console= of this port off the kernel's command line"};
    const std::string login = "serial-getty@" + fs::path(device.path).filename().string() + ".service";
    const std::string state = surroundings.unitState(login);
    if (state == "active" || state == "activating")
        return PortRefusal{PortRefusal::Kind::login,
                           fmt::format("a login waits on it: systemctl disable --now {}", login)};
    if (const auto user = portUser(device.path, surroundings.proc))
        return PortRefusal{PortRefusal::Kind::held, *user + " has it open"};
    return std::nullopt;
}

} // namespace stinky::gps
