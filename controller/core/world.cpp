#include "core/world.h"

#include <algorithm>

namespace stinky::core {
namespace {

constexpr std::string_view unitPrefix = "stinky-";

/// "radio@wlan2" for "stinky-radio@wlan2.service".
std::string_view stem(std::string_view unitName) noexcept {
    std::string_view name = shortName(unitName);
    if (name.starts_with(unitPrefix))
        name.remove_prefix(unitPrefix.size());
    return name;
}

/// 0: not the unit's; 1: of its kind; 2: its very own.
int nearness(std::string_view part, std::string_view unitName) {
    const std::string_view own = stem(unitName);
    if (part == own)
        return 2;
    const std::size_t at = own.find('@');
    if (at == std::string_view::npos)
        return 0;
    std::string dashed(own);
    dashed[at] = '-';
    if (part == dashed)
        return 2;
    return part == own.substr(0, at) ? 1 : 0;
}

} // namespace

std::string_view shortName(std::string_view unitName) noexcept {
    return unitName.ends_with(".service") ? unitName.substr(0, unitName.size() - 8) : unitName;
}

bool partBelongsTo(std::string_view part, std::string_view unitName) {
    return nearness(part, unitName) > 0;
}

const PartView* partOf(const UnitView& unit, const std::vector<PartView>& parts) {
    const PartView* best = nullptr;
    int bestNearness = 0;
    for (const PartView& part : parts) {
        const int value = nearness(part.part, unit.name);
        if (value > bestNearness) {
            best = &part;
            bestNearness = value;
        }
    }
    return best;
}

} // namespace stinky::core
