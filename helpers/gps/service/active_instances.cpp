#include "gps/service/active_instances.h"

#include <charconv>
#include <string_view>

namespace stinky::gps {
namespace {

constexpr std::string_view before = "stinky-gps@";
constexpr std::string_view behind = ".service";

std::optional<std::string> unescape(std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            plain += text[i] == '-' ? '/' : text[i];
            continue;
        }
        unsigned char value = 0;
        const std::string_view digits =
            text.substr(i).size() >= 4 ? text.substr(i + 2, 2) : std::string_view();
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.empty() || text[i + 1] != 'x' || error != std::errc() || end != digits.data() + 2 ||
            value == 0)
            return std::nullopt;
        plain += static_cast<char>(value);
        i += 3;
    }
    return plain;
}

} // namespace

std::optional<std::string> deviceOfUnit(const std::string& unit) {
    if (!unit.starts_with(before) || !unit.ends_with(behind) || unit.size() <= before.size() + behind.size())
        return std::nullopt;
    const auto instance =
        unescape(std::string_view(unit).substr(before.size(), unit.size() - before.size() - behind.size()));
    return instance ? std::optional("/dev/" + *instance) : std::nullopt;
}

} // namespace stinky::gps
