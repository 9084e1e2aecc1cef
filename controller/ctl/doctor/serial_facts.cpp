#include "ctl/doctor/serial_facts.h"

#include "ctl/doctor/process_facts.h"
#include "ctl/doctor/sysfs.h"

#include <systemd/sd-device.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

namespace stinky::ctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* ruleName = "70-stinky-gps.rules";

/// The property by which our rule has systemd start the port's unit (systemd.device(5)).
std::optional<bool> isRuled(const std::string& tty) {
    sd_device* raw = nullptr;
    if (sd_device_new_from_subsystem_sysname(&raw, "tty", tty.c_str()) < 0)
        return std::nullopt;
    const std::unique_ptr<sd_device, decltype(&sd_device_unref)> device(raw, &sd_device_unref);
    if (sd_device_get_is_initialized(raw) <= 0)
        return std::nullopt;
    const char* wants = nullptr;
    return sd_device_get_property_value(raw, "SYSTEMD_WANTS", &wants) >= 0 &&
           std::string(wants).find("stinky-gps@" + tty + ".service") != std::string::npos;
}

} // namespace

void gatherSerialPorts(Facts& facts) {
    // Where udev(7) looks.
    const std::array folders = {"/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d",
                                "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};
    facts.udevRule = std::ranges::any_of(folders, [](const char* folder) {
        std::error_code none;
        return fs::exists(fs::path(folder) / ruleName, none);
    });
    for (const fs::path& tty : entries("/sys/class/tty")) {
        std::error_code error;
        fs::path device = fs::canonical(tty / "device", error);
        if (error)
            continue;
        // The USB device is some levels above the port.
        while (device.has_relative_path() && !fs::exists(device / "idVendor", error))
            device = device.parent_path();
        if (!fs::exists(device / "idVendor", error))
            continue;
        SerialPort port;
        port.name = tty.filename();
        port.usbId = attribute(device / "idVendor") + ":" + attribute(device / "idProduct");
        port.product = attribute(device / "product");
        port.driver = linkName(tty / "device/driver");
        port.holders = holdersOf("/dev/" + port.name);
        port.ruled = isRuled(port.name);
        facts.ports.push_back(std::move(port));
    }
}

} // namespace stinky::ctl
