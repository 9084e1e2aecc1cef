#include "common/bus.h"

#include "common/error.h"
#include "common/log.h"

#include <cstdlib>
#include <exception>
#include <utility>

namespace stinky::bus {
namespace {

int onMessage(sd_bus_message* message, void* userdata, sd_bus_error*) noexcept {
    const Handler& handler = *static_cast<Handler*>(userdata);
    guarded(sd_bus_message_get_bus(message), [&] { handler(message); });
    return 0;
}

void destroyHandler(void* userdata) noexcept {
    delete static_cast<Handler*>(userdata);
}

/// Ties the handler's life to the slot's: it goes when sd-bus drops the slot, also in the middle of its own
/// call.
Slot adopt(sd_bus_slot* raw, std::unique_ptr<Handler> handler) {
    Slot slot(raw);
    checked(sd_bus_slot_set_destroy_callback(raw, destroyHandler), "own bus handler");
    static_cast<void>(handler.release());
    return slot;
}

} // namespace

Bus openSystem(EventLoop& loop) {
    sd_bus* raw = nullptr;
    checked(sd_bus_open_system(&raw), "connect to the system bus");
    Bus bus(raw);
    checked(sd_bus_set_exit_on_disconnect(raw, 1), "watch the system bus");
    checked(sd_bus_attach_event(raw, loop.handle(), SD_EVENT_PRIORITY_NORMAL), "serve the system bus");
    return bus;
}

Message newCall(sd_bus* bus, const std::string& destination, const std::string& path, const char* interface,
                const char* member) {
    sd_bus_message* raw = nullptr;
    checked(sd_bus_message_new_method_call(bus, &raw, destination.c_str(), path.c_str(), interface, member),
            "prepare call of", member);
    return Message(raw);
}

Slot addMatch(sd_bus* bus, const std::string& rule, Handler handler) {
    auto owned = std::make_unique<Handler>(std::move(handler));
    sd_bus_slot* raw = nullptr;
    checked(sd_bus_add_match_async(bus, &raw, rule.c_str(), onMessage, nullptr, owned.get()), "match", rule);
    return adopt(raw, std::move(owned));
}

Failure failureOf(sd_bus_message* reply) {
    const sd_bus_error* error = sd_bus_message_get_error(reply);
    if (error == nullptr)
        return {};
    return {error->name, error->message != nullptr ? error->message : error->name};
}

void guarded(sd_bus* bus, const std::function<void()>& call) noexcept {
    try {
        call();
    } catch (const Error& e) {
        log::failure("bus-message", e);
    } catch (const std::exception& e) {
        log::error("bus-handler", e.what());
        sd_event_exit(sd_bus_get_event(bus), EXIT_FAILURE);
    }
}

void Calls::send(sd_bus_message* message, std::chrono::microseconds deadline, Handler handler) {
    const std::uint64_t id = next_++;
    auto owned = std::make_unique<Handler>([this, id, handler = std::move(handler)](sd_bus_message* reply) {
        // The slot goes with this call, not before its end.
        const auto done = slots_.extract(id);
        handler(reply);
    });
    sd_bus_slot* raw = nullptr;
    checked(sd_bus_call_async(bus_, &raw, message, onMessage, owned.get(),
                              static_cast<std::uint64_t>(deadline.count())),
            "call", sd_bus_message_get_member(message));
    slots_.emplace(id, adopt(raw, std::move(owned)));
}

} // namespace stinky::bus
