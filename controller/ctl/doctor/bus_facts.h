#pragma once

#include "ctl/doctor/facts.h"

namespace stinky::ctl {

/// The controller's picture.
void gatherController(const Client::Where& where, Facts& facts);
/// What else the system bus tells: systemd's view of unit files, NetworkManager's of the card.
void gatherFromBus(Facts& facts);

} // namespace stinky::ctl
