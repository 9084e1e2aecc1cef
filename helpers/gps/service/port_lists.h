#pragma once

#include <optional>
#include <string>
#include <vector>

namespace stinky::gps {

/// What a serial port can be told by.
struct PortNames {
    std::string path;       ///< "/dev/ttyUSB0"
    std::string stableName; ///< "usb-FTDI_FT232R_A1-if00-port0", as in /dev/serial/by-id
    std::string usbId;      ///< "0403:6001"; empty where it is no USB device
};

/// True when one of the shell patterns fits the port's path, its stable name (with or without
/// /dev/serial/by-id/ before it) or its USB id ("067b:*").
bool matchesAny(const PortNames& port, const std::vector<std::string>& patterns);

/// Why the settings keep the port from being looked at; nothing when they do not. `devices` (GPS_DEVICES),
/// which names ports outright, beats `allow`; `deny` beats both.
std::optional<std::string> refusedBySettings(const PortNames& port, const std::vector<std::string>& devices,
                                             const std::vector<std::string>& allow,
                                             const std::vector<std::string>& deny);

} // namespace stinky::gps
