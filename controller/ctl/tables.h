#pragma once

#include "ctl/text_table.h"

#include <nlohmann/json.hpp>

#include <string>

namespace stinky::ctl {

/// `stinkyctl radios`, from Describe's "radios": a line for each card that is held or should be.
std::string renderRadios(const nlohmann::json& radios, const Screen& screen);

/// `stinkyctl aps`, from AccessPoints' answer: the strongest first, with a bar for the signal.
std::string renderAccessPoints(const nlohmann::json& answer, const Screen& screen);

/// `stinkyctl gps` for another machine, from Describe's "gps".
std::string renderGpsSection(const nlohmann::json& gps);

} // namespace stinky::ctl
