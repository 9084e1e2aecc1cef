#pragma once

#include "ctl/text_table.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace stinky::ctl {

/// `stinkyctl radios`, from Describe's "radios": a line for each card that is held or should be.
std::string renderRadios(const nlohmann::json& radios, const Screen& screen);

/// `stinkyctl aps`, from AccessPoints' answer: the strongest first, with a bar for the signal.
std::string renderAccessPoints(const nlohmann::json& answer, const Screen& screen);

/// `stinkyctl gps` for another machine, from Describe's "gps".
std::string renderGpsSection(const nlohmann::json& gps);

/// The access points of the whole capture: the controller reads a piece of it for each question, and is
/// asked again for as long as it is behind and `patient` says so. `ask` is AccessPoints of docs/dbus-api.md.
std::string askForAccessPoints(const std::function<std::string(std::uint32_t limit)>& ask,
                               std::uint32_t limit, const std::function<bool()>& patient);

} // namespace stinky::ctl
