#include "kismet/memory.h"

#include <algorithm>
#include <charconv>

namespace stinky::kismet {

std::optional<std::uint64_t> availableMemory(std::string_view meminfo) {
    constexpr std::string_view name = "\nMemAvailable:";
    const auto at = meminfo.find(name);
    if (at == std::string_view::npos)
        return std::nullopt;
    meminfo.remove_prefix(at + name.size());
    meminfo.remove_prefix(std::min(meminfo.find_first_not_of(' '), meminfo.size()));
    std::uint64_t kilobytes = 0;
    const auto [end, error] = std::from_chars(meminfo.data(), meminfo.data() + meminfo.size(), kilobytes);
    if (error != std::errc() || kilobytes > UINT64_MAX / 1024)
        return std::nullopt;
    return kilobytes * 1024;
}

} // namespace stinky::kismet
