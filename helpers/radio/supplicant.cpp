#include "radio/supplicant.h"

#include "radio/bus_call.h"

namespace stinky::radio {
namespace {

void appendEntry(sd_bus_message* message, const char* key, const std::string& value) {
    if (!value.empty())
        checked(sd_bus_message_append(message, "{sv}", key, "s", value.c_str()), "prepare",
                "CreateInterface");
}

} // namespace

std::optional<std::string> Supplicant::pathOf(const std::string& interface) {
    if (!hasOwner(bus_, busName))
        return std::nullopt;
    const bus::Message ask = quietCall(bus_, busName, objectPath, busName, "GetInterface");
    checked(sd_bus_message_append(ask.get(), "s", interface.c_str()), "prepare", "GetInterface");
    try {
        const bus::Message reply = call(bus_, ask.get(), "ask wpa_supplicant about", interface);
        const char* path = nullptr;
        checked(sd_bus_message_read(reply.get(), "o", &path), "read wpa_supplicant's answer about",
                interface);
        return path;
    } catch (const BusError& e) {
        if (e.isAbsence())
            return std::nullopt;
        throw;
    }
}

std::string Supplicant::property(const std::string& path, const char* name, const std::string& interface) {
    const bus::Message get = getProperty(bus_, busName, path, objectInterface, name);
    return stringOf(call(bus_, get.get(), "ask wpa_supplicant about", interface).get());
}

std::optional<SupplicantHold> Supplicant::holdOf(const std::string& interface) {
    const auto path = pathOf(interface);
    if (!path)
        return std::nullopt;
    return SupplicantHold{property(*path, "Driver", interface), property(*path, "ConfigFile", interface),
                          property(*path, "BridgeIfname", interface)};
}

bool Supplicant::release(const std::string& interface) {
    const auto path = pathOf(interface);
    if (!path)
        return false;
    const bus::Message remove = quietCall(bus_, busName, objectPath, busName, "RemoveInterface");
    checked(sd_bus_message_append(remove.get(), "o", path->c_str()), "prepare", "RemoveInterface");
    try {
        call(bus_, remove.get(), "take from wpa_supplicant the interface", interface);
        return true;
    } catch (const BusError& e) {
        if (e.isAbsence())
            return false;
        throw;
    }
}

bus::Message createInterfaceCall(sd_bus* bus, const std::string& interface, const SupplicantHold& hold) {
    bus::Message create =
        quietCall(bus, Supplicant::busName, Supplicant::objectPath, Supplicant::busName, "CreateInterface");
    checked(sd_bus_message_open_container(create.get(), SD_BUS_TYPE_ARRAY, "{sv}"), "prepare",
            "CreateInterface");
    appendEntry(create.get(), "Ifname", interface);
    appendEntry(create.get(), "Driver", hold.driver);
    appendEntry(create.get(), "ConfigFile", hold.configFile);
    appendEntry(create.get(), "BridgeIfname", hold.bridge);
    checked(sd_bus_message_close_container(create.get()), "prepare", "CreateInterface");
    return create;
}

bool Supplicant::giveBack(const std::string& interface, const SupplicantHold& hold) {
    if (!hasOwner(bus_, busName))
        return false;
    // Somebody gave it back already.
    if (pathOf(interface))
        return true;
    call(bus_, createInterfaceCall(bus_, interface, hold).get(), "give to wpa_supplicant the interface",
         interface);
    return true;
}

} // namespace stinky::radio
