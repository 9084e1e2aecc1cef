#include "core/world.h"

#include <algorithm>
#include <array>

namespace stinky::core {
namespace {

constexpr std::string_view unitPrefix = "stinky-";
constexpr std::array<std::string_view, 6> criticalKinds = {"radio", "health", "kismet",
                                                           "scan",  "tak",    "wigletotak"};

/// 0: not the unit's; 1: of its kind; 2: its very own.
int nearness(std::string_view part, std::string_view unitName) {
    const std::string_view own = partNameOf(unitName);
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

std::string_view partNameOf(std::string_view unitName) noexcept {
    std::string_view name = shortName(unitName);
    if (name.starts_with(unitPrefix))
        name.remove_prefix(unitPrefix.size());
    return name;
}

std::string_view kindOf(std::string_view unitName) noexcept {
    const std::string_view name = partNameOf(unitName);
    return name.substr(0, name.find('@'));
}

bool isCritical(std::string_view unitName) noexcept {
    return std::ranges::find(criticalKinds, kindOf(unitName)) != criticalKinds.end();
}

bool isOptional(std::string_view unitName) noexcept {
    return kindOf(unitName) == "cgps";
}

const UnitView* unitNamed(const World& world, std::string_view name) {
    const auto found = std::ranges::find(world.units, name, &UnitView::name);
    return found == world.units.end() ? nullptr : &*found;
}

const UnitView* findUnit(const World& world, std::string_view name) {
    const UnitView* ofKind = nullptr;
    std::size_t ofThatKind = 0;
    for (const UnitView& unit : world.units) {
        if (unit.role == Role::device)
            continue;
        if (unit.name == name || shortName(unit.name) == name || partNameOf(unit.name) == name)
            return &unit;
        if (kindOf(unit.name) == name) {
            ofKind = &unit;
            ++ofThatKind;
        }
    }
    return ofThatKind == 1 ? ofKind : nullptr;
}

const char* toString(Role role) noexcept {
    switch (role) {
    case Role::member:
        return "member";
    case Role::bound:
        return "bound";
    case Role::attached:
        return "attached";
    case Role::device:
        return "device";
    }
    return "member";
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
