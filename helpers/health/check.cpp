#include "health/check.h"

#include <charconv>

namespace stinky::health {

std::optional<TcpTarget> parseTcpTarget(const std::string& name) {
    constexpr std::string_view prefix = "tcp:";
    const auto colon = name.rfind(':');
    if (!name.starts_with(prefix) || colon <= prefix.size() || colon == std::string::npos)
        return std::nullopt;
    TcpTarget target{name.substr(prefix.size(), colon - prefix.size()), name.substr(colon + 1)};
    if (target.host.starts_with('[') && target.host.ends_with(']'))
        target.host = target.host.substr(1, target.host.size() - 2);
    unsigned port = 0;
    const char* end = target.port.data() + target.port.size();
    const auto [stopped, error] = std::from_chars(target.port.data(), end, port);
    if (target.host.empty() || error != std::errc() || stopped != end || port == 0 || port > 65535)
        return std::nullopt;
    return target;
}

} // namespace stinky::health
