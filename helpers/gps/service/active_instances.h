#pragma once

#include <optional>
#include <string>

namespace stinky::gps {

/// "/dev/ttyUSB0" for "stinky-gps@ttyUSB0.service", its instance unescaped as systemd.unit(5) says; nothing
/// for the name of another unit or a malformed one.
std::optional<std::string> deviceOfUnit(const std::string& unit);

} // namespace stinky::gps
