#pragma once

#include <string>
#include <string_view>

namespace stinky::gps {

/// What the system knows about a serial device.
struct SerialDevice {
    std::string path; ///< canonical: gpsd takes a symbolic link and its target for two devices
    std::string
        stableName; ///< the same after the next plugging in: its name in /dev/serial/by-id, or "ttyAMA0"
    bool rateless = false; ///< bytes come over USB without a line: there is no speed to find
    bool console = false;  ///< the kernel's messages and login go there
};

/// Where the system tells it; other folders in tests.
struct SystemFolders {
    std::string dev = "/dev";
    std::string sys = "/sys";
};

/// Throws Error when `path` does not exist.
SerialDevice describeSerialDevice(const std::string& path, const SystemFolders& folders = {});

/// True for USB CDC-ACM devices, by their major number (Documentation/admin-guide/devices.txt) or their
/// driver's name.
bool isRateless(unsigned major, std::string_view driver) noexcept;

/// The canonical path of a device, or `path` itself when the device is gone.
std::string canonicalOrSame(const std::string& path);

} // namespace stinky::gps
