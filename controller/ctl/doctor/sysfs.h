#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace stinky::ctl {

/// The first line of a file of sysfs or procfs, fit for a screen: a device names itself as it likes. Empty
/// when there is none.
std::string attribute(const std::filesystem::path& path);

/// What is in a folder, sorted; empty when it cannot be read.
std::vector<std::filesystem::path> entries(const std::filesystem::path& folder);

/// The last part of what a link points to; empty when it is none.
std::string linkName(const std::filesystem::path& path);

} // namespace stinky::ctl
