#include "radio/bus_call.h"

#include <array>
#include <utility>

namespace stinky::radio {
namespace {

struct BusErrorOwner {
    sd_bus_error error = SD_BUS_ERROR_NULL;

    BusErrorOwner() = default;
    BusErrorOwner(const BusErrorOwner&) = delete;
    BusErrorOwner& operator=(const BusErrorOwner&) = delete;

    ~BusErrorOwner() { sd_bus_error_free(&error); }
};

std::string textOf(const sd_bus_error& error) {
    if (error.message != nullptr && *error.message != '\0')
        return error.message;
    return error.name != nullptr ? error.name : "no answer";
}

void enterVariant(sd_bus_message* reply, const char* contents) {
    checked(sd_bus_message_enter_container(reply, SD_BUS_TYPE_VARIANT, contents), "read", "a property");
}

} // namespace

BusError::BusError(std::string tried, std::string object, const sd_bus_error& error, int code)
    : Error(std::move(tried), std::move(object), textOf(error), code),
      name_(error.name != nullptr ? error.name : "") {}

bool BusError::isAbsence() const noexcept {
    constexpr std::array names = {
        "org.freedesktop.DBus.Error.ServiceUnknown",  "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.UnknownObject",   "org.freedesktop.NetworkManager.UnknownDevice",
        "org.freedesktop.DBus.Error.UnknownMethod",   "fi.w1.wpa_supplicant1.InterfaceUnknown",
        "org.freedesktop.DBus.Error.UnknownInterface"};
    for (const char* name : names)
        if (name_ == name)
            return true;
    return false;
}

bus::Message call(sd_bus* bus, sd_bus_message* message, const char* tried, const std::string& object) {
    BusErrorOwner owner;
    sd_bus_message* reply = nullptr;
    const auto limit = static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(busDeadline).count());
    const int r = sd_bus_call(bus, message, limit, &owner.error, &reply);
    if (r < 0)
        throw BusError(tried, object, owner.error, -r);
    return bus::Message(reply);
}

bus::Message quietCall(sd_bus* bus, const char* destination, const std::string& path, const char* interface,
                       const char* member) {
    bus::Message message = bus::newCall(bus, destination, path, interface, member);
    checked(sd_bus_message_set_auto_start(message.get(), 0), "prepare call of", member);
    return message;
}

bus::Message getProperty(sd_bus* bus, const char* destination, const std::string& path,
                         const char* interface, const char* property) {
    bus::Message message = quietCall(bus, destination, path, "org.freedesktop.DBus.Properties", "Get");
    checked(sd_bus_message_append(message.get(), "ss", interface, property), "prepare reading", property);
    return message;
}

std::string stringOf(sd_bus_message* reply) {
    const char* text = nullptr;
    enterVariant(reply, "s");
    checked(sd_bus_message_read(reply, "s", &text), "read", "a text property");
    return text;
}

bool boolOf(sd_bus_message* reply) {
    int value = 0;
    enterVariant(reply, "b");
    checked(sd_bus_message_read(reply, "b", &value), "read", "a yes-or-no property");
    return value != 0;
}

std::uint32_t numberOf(sd_bus_message* reply) {
    std::uint32_t value = 0;
    enterVariant(reply, "u");
    checked(sd_bus_message_read(reply, "u", &value), "read", "a number property");
    return value;
}

bool hasOwner(sd_bus* bus, const char* name) {
    const bus::Message message = bus::newCall(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                              "org.freedesktop.DBus", "NameHasOwner");
    checked(sd_bus_message_append(message.get(), "s", name), "prepare asking for", name);
    const bus::Message reply = call(bus, message.get(), "ask the system bus for", name);
    int owned = 0;
    checked(sd_bus_message_read(reply.get(), "b", &owned), "read the answer about", name);
    return owned != 0;
}

} // namespace stinky::radio
