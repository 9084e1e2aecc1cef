#pragma once

#include <systemd/sd-bus.h>

#include "view/describe.h"

namespace stinky::dbus {

/// Appends an object as a{sv}: text as s, numbers as x or d, truth as b, objects as a{sv}, lists of texts as
/// as and other lists as av. What is null is left out. Throws Error.
void appendDictionary(sd_bus_message* message, const view::Json& object);

} // namespace stinky::dbus
