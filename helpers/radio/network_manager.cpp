#include "radio/network_manager.h"

#include "radio/bus_call.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>

namespace stinky::radio {

std::vector<std::string> devicesOf(sd_bus_message* reply) {
    std::vector<std::string> devices;
    checked(sd_bus_message_enter_container(reply, SD_BUS_TYPE_ARRAY, "o"), "read",
            "NetworkManager's devices");
    const char* path = nullptr;
    while (checked(sd_bus_message_read(reply, "o", &path), "read", "NetworkManager's devices") > 0)
        devices.emplace_back(path);
    return devices;
}

bus::Message setManagedCall(sd_bus* bus, const std::string& device, bool managed) {
    // nm-dbus-interface.h: managed 0 no, 1 yes; flag 1 for the running system alone, nothing is written.
    bus::Message message =
        quietCall(bus, NetworkManager::busName, device, NetworkManager::deviceInterface, "SetManaged");
    checked(sd_bus_message_append(message.get(), "uu", managed ? 1U : 0U, 1U), "prepare", "SetManaged");
    return message;
}

bus::Message setManagedProperty(sd_bus* bus, const std::string& device, bool managed) {
    bus::Message message =
        quietCall(bus, NetworkManager::busName, device, "org.freedesktop.DBus.Properties", "Set");
    checked(sd_bus_message_append(message.get(), "ssv", NetworkManager::deviceInterface, "Managed", "b",
                                  static_cast<int>(managed)),
            "prepare", "Set Managed");
    return message;
}

std::optional<std::string> NetworkManager::deviceOf(const std::string& interface) {
    if (!hasOwner(bus_, busName))
        return std::nullopt;
    // Not GetDeviceByIpIface: a device without an address is not found by it.
    const bus::Message ask = quietCall(bus_, busName, objectPath, busName, "GetAllDevices");
    const bus::Message all = call(bus_, ask.get(), "ask NetworkManager for", "its devices");
    for (const std::string& device : devicesOf(all.get())) {
        const bus::Message get = getProperty(bus_, busName, device, deviceInterface, "Interface");
        try {
            if (stringOf(call(bus_, get.get(), "ask NetworkManager about", device).get()) == interface)
                return device;
        } catch (const BusError& e) {
            // One of the others went away meanwhile.
            if (!e.isAbsence())
                throw;
        }
    }
    return std::nullopt;
}

std::uint32_t NetworkManager::stateOf(const std::string& device, const std::string& interface) {
    const bus::Message get = getProperty(bus_, busName, device, deviceInterface, "State");
    return numberOf(call(bus_, get.get(), "ask NetworkManager about", interface).get());
}

std::optional<bool> NetworkManager::manages(const std::string& interface) {
    try {
        const auto device = deviceOf(interface);
        if (!device)
            return std::nullopt;
        return stateOf(*device, interface) > stateUnmanaged;
    } catch (const BusError& e) {
        if (e.isAbsence())
            return std::nullopt;
        throw;
    }
}

void NetworkManager::change(const std::string& device, const std::string& interface, bool managed) {
    const char* tried =
        managed ? "give to NetworkManager the interface" : "take from NetworkManager the interface";
    try {
        call(bus_, setManagedCall(bus_, device, managed).get(), tried, interface);
    } catch (const BusError& e) {
        if (e.name() != "org.freedesktop.DBus.Error.UnknownMethod")
            throw;
        call(bus_, setManagedProperty(bus_, device, managed).get(), tried, interface);
    }
}

void NetworkManager::waitUntil(const std::string& device, const std::string& interface, bool managed) {
    const auto deadline = std::chrono::steady_clock::now() + busDeadline;
    while ((stateOf(device, interface) > stateUnmanaged) != managed) {
        const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            throw Error("verify that NetworkManager has let go of", interface,
                        "it accepted it, and yet it still manages the interface; try `nmcli device set " +
                            interface + " managed no`",
                        ETIMEDOUT);
        // Woken by the device's own signals, for which setManaged() has a match in place.
        checked(sd_bus_wait(bus_, static_cast<std::uint64_t>(left.count())), "wait for", "NetworkManager");
        while (checked(sd_bus_process(bus_, nullptr), "read from", "the system bus") > 0) {
        }
    }
}

bool NetworkManager::setManaged(const std::string& interface, bool managed) {
    try {
        const auto device = deviceOf(interface);
        if (!device)
            return false;
        if ((stateOf(*device, interface) > stateUnmanaged) == managed)
            return true;
        const bus::Slot changes =
            bus::addMatch(bus_, fmt::format("type='signal',path='{}'", *device), [](sd_bus_message*) {});
        change(*device, interface, managed);
        // Given back, it is on its own way: whether it can use the card is its business.
        if (!managed)
            waitUntil(*device, interface, managed);
        return true;
    } catch (const BusError& e) {
        if (e.isAbsence())
            return false;
        throw;
    }
}

} // namespace stinky::radio
