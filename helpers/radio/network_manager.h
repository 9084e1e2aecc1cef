#pragma once

#include "common/bus.h"

#include <optional>
#include <string>
#include <vector>

namespace stinky::radio {

/// NetworkManager's hold on one interface, over D-Bus. The calls wait for their answers. Throws BusError.
class NetworkManager {
public:
    static constexpr const char* busName = "org.freedesktop.NetworkManager";
    static constexpr const char* objectPath = "/org/freedesktop/NetworkManager";
    static constexpr const char* deviceInterface = "org.freedesktop.NetworkManager.Device";
    static constexpr std::uint32_t stateUnmanaged = 10; ///< NM_DEVICE_STATE_UNMANAGED

    explicit NetworkManager(sd_bus* bus) noexcept : bus_(bus) {}

    /// Whether it manages the interface; nothing when it does not run or does not know the interface.
    std::optional<bool> manages(const std::string& interface);

    /// Takes the interface away from it or gives it back, until NetworkManager stops or the machine reboots,
    /// and reads back that it is so. False when it does not run or does not know the interface.
    bool setManaged(const std::string& interface, bool managed);

private:
    std::optional<std::string> deviceOf(const std::string& interface);
    void change(const std::string& device, const std::string& interface, bool managed);
    std::uint32_t stateOf(const std::string& device, const std::string& interface);
    void waitUntil(const std::string& device, const std::string& interface, bool managed);

    sd_bus* bus_;
};

/// The object paths in the answer to GetAllDevices.
std::vector<std::string> devicesOf(sd_bus_message* reply);

/// The two ways to say whether a device is managed: SetManaged() of NetworkManager 1.58 and later, and the
/// property that it replaced.
bus::Message setManagedCall(sd_bus* bus, const std::string& device, bool managed);
bus::Message setManagedProperty(sd_bus* bus, const std::string& device, bool managed);

} // namespace stinky::radio
