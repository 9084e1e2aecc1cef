#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace stinky::kismet {

/// MemAvailable of /proc/meminfo (proc(5)), in bytes; nothing when the text has none.
std::optional<std::uint64_t> availableMemory(std::string_view meminfo);

} // namespace stinky::kismet
