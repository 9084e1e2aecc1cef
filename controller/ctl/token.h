#pragma once

#include <string>

namespace stinky::ctl {

/// Where the token of the web page lies: root's, readable for the group stinky.
inline constexpr const char* tokenPath = "/etc/stinky/token";

/// The token, without the end of its line. Throws Error.
std::string readToken(const std::string& path);

/// Makes a new one of 256 bits and puts it there, mode 0640, group `group`; who had the old one is out at
/// once. Throws Error.
std::string renewToken(const std::string& path, const std::string& group);

} // namespace stinky::ctl
