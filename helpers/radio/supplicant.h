#pragma once

#include "common/bus.h"
#include "radio/saved_state.h"

#include <optional>
#include <string>

namespace stinky::radio {

/// wpa_supplicant's hold on one interface, over D-Bus. One that was started without D-Bus (-u) is not seen,
/// and needs no release: it waits for its interface to be a station again. Throws BusError.
class Supplicant {
public:
    static constexpr const char* busName = "fi.w1.wpa_supplicant1";
    static constexpr const char* objectPath = "/fi/w1/wpa_supplicant1";
    static constexpr const char* objectInterface = "fi.w1.wpa_supplicant1.Interface";

    explicit Supplicant(sd_bus* bus) noexcept : bus_(bus) {}

    /// How it holds the interface; nothing when it does not.
    std::optional<SupplicantHold> holdOf(const std::string& interface);
    /// True when it held the interface and does not any more.
    bool release(const std::string& interface);
    /// Gives it the interface as it had it. False when it does not run any more.
    bool giveBack(const std::string& interface, const SupplicantHold& hold);

private:
    std::optional<std::string> pathOf(const std::string& interface);
    std::string property(const std::string& path, const char* name, const std::string& interface);

    sd_bus* bus_;
};

/// CreateInterface for `interface` with what was read before.
bus::Message createInterfaceCall(sd_bus* bus, const std::string& interface, const SupplicantHold& hold);

} // namespace stinky::radio
