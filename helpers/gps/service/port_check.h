#pragma once

#include "common/config.h"
#include "gps/serial_device.h"
#include "gps/service/port_lists.h"

#include <functional>
#include <optional>
#include <string>

namespace stinky::gps {

/// A port that is not to be listened to, and why.
struct PortRefusal {
    enum class Kind : unsigned char { settings, console, login, held };
    Kind kind;
    std::string why; ///< for people
};

/// "0403:6001" of the USB device that the port belongs to; empty when there is none.
std::string usbIdOf(const std::string& port, const std::string& sys = "/sys");

/// Where a check looks; other places in tests.
struct PortSurroundings {
    SystemFolders folders;
    std::string proc = "/proc";
    /// The active state of a unit in systemd's words; empty when systemd cannot be asked.
    std::function<std::string(const std::string& unit)> unitState;
};

/// Who else has the port open, for people: "sleep (process 123)"; nothing when nobody has. Throws Error when
/// there is no such device.
std::optional<std::string> portUser(const std::string& path, const std::string& proc = "/proc");

/// Whether somebody else uses the port, or the settings exclude it. Listening takes bytes away from whoever
/// reads a serial port, so this is asked before it is opened. Throws Error when there is no such device.
std::optional<PortRefusal> checkPort(const std::string& path, const Config& config,
                                     const PortSurroundings& surroundings);

} // namespace stinky::gps
