#pragma once

#include <string>
#include <string_view>

namespace stinky::ctl {

/// The text without what is nobody's business: addresses of cards and access points keep their vendor's
/// half, positions keep one decimal (11 km), user and password in URLs and the values of settings, fields
/// and options that are named like a secret go.
std::string redacted(std::string_view text);

} // namespace stinky::ctl
