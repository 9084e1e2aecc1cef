#pragma once

#include "core/world.h"

#include <systemd/sd-bus.h>

#include <optional>
#include <string>
#include <vector>

namespace stinky::systemd {

inline constexpr const char* unitInterface = "org.freedesktop.systemd1.Unit";
inline constexpr const char* serviceInterface = "org.freedesktop.systemd1.Service";

/// The path of a unit's object: "/org/freedesktop/systemd1/unit/stinky_2dscan_2eservice".
std::string unitPath(const std::string& unitName);

/// What a dictionary of properties says beside the fields of UnitView.
struct UnitExtras {
    std::optional<std::string> jobPath; ///< "/" for none
    std::vector<std::string> wants;     ///< each name once, as in the other lists
    std::vector<std::string> required;  ///< of Requires=
    std::vector<std::string> boundTo;   ///< of BindsTo=
    std::vector<std::string> partOfIt;  ///< of ConsistsOf=
};

/// Reads a dictionary a{sv}, at which `message` stands, into `view`: only the properties that it holds are
/// changed, those unknown are passed over. Texts are made safe for a screen. Throws Error on a malformed
/// message.
UnitExtras readProperties(sd_bus_message* message, core::UnitView& view);

/// Reads one variant, at which `message` stands, as the value of `property`. Throws Error on a malformed
/// message.
void readProperty(sd_bus_message* message, const std::string& property, core::UnitView& view,
                  UnitExtras& extras);

} // namespace stinky::systemd
