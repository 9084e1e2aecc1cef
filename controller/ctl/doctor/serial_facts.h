#pragma once

#include "ctl/doctor/facts.h"

namespace stinky::ctl {

/// The USB serial ports, who has them open, and what udev knows of them.
void gatherSerialPorts(Facts& facts);

} // namespace stinky::ctl
