#include "dbus/reply.h"

#include "common/bus.h"

#include <algorithm>

namespace stinky::dbus {

void replyError(sd_bus_message* call, const char* name, const std::string& text) {
    const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(name, text.c_str());
    checked(sd_bus_reply_method_error(call, &error), "answer", sd_bus_message_get_member(call));
}

void replyTicket(sd_bus_message* call, const core::Ticket& ticket) {
    if (!ticket.ok()) {
        replyError(call, ticket.errorName.c_str(), ticket.error);
        return;
    }
    checked(sd_bus_reply_method_return(call, "o", ticket.job.c_str()), "answer",
            sd_bus_message_get_member(call));
}

void replyTickets(sd_bus_message* call, const std::vector<core::Ticket>& tickets) {
    const auto bad = std::ranges::find_if(tickets, [](const core::Ticket& ticket) { return !ticket.ok(); });
    if (bad != tickets.end()) {
        replyError(call, bad->errorName.c_str(), bad->error);
        return;
    }
    sd_bus_message* raw = nullptr;
    checked(sd_bus_message_new_method_return(call, &raw), "answer", sd_bus_message_get_member(call));
    const bus::Message reply(raw);
    checked(sd_bus_message_open_container(raw, 'a', "o"), "list", "jobs");
    for (const core::Ticket& ticket : tickets)
        checked(sd_bus_message_append(raw, "o", ticket.job.c_str()), "list", "jobs");
    checked(sd_bus_message_close_container(raw), "list", "jobs");
    checked(sd_bus_message_send(raw), "answer", sd_bus_message_get_member(call));
}

void replyText(sd_bus_message* call, const std::string& text) {
    checked(sd_bus_reply_method_return(call, "s", text.c_str()), "answer", sd_bus_message_get_member(call));
}

} // namespace stinky::dbus
