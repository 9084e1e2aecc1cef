#pragma once

#include "core/service_manager.h"

#include <systemd/sd-bus.h>

#include <string>
#include <vector>

/// Answers to calls on the bus. All throw Error.
namespace stinky::dbus {

/// `name`: of the error, like "org.freedesktop.DBus.Error.Failed".
void replyError(sd_bus_message* call, const char* name, const std::string& text);
/// The path of systemd's job ("o"), or why there is none.
void replyTicket(sd_bus_message* call, const core::Ticket& ticket);
/// Those of several ("ao"), or why the first of them has none.
void replyTickets(sd_bus_message* call, const std::vector<core::Ticket>& tickets);
void replyText(sd_bus_message* call, const std::string& text);

} // namespace stinky::dbus
