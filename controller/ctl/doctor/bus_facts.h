#pragma once

#include "ctl/doctor/facts.h"

namespace stinky::ctl {

/// What the system bus tells: the controller's picture, systemd's view of unit files, NetworkManager's of
/// the card.
void gatherFromBus(const Client::Where& where, Facts& facts);

} // namespace stinky::ctl
