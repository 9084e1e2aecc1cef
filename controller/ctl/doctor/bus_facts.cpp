#include "ctl/doctor/bus_facts.h"

#include "common/bus.h"
#include "common/error.h"

#include <cstdlib>
#include <memory>

namespace stinky::ctl {
namespace {

constexpr const char* systemdName = "org.freedesktop.systemd1";
constexpr const char* unitInterface = "org.freedesktop.systemd1.Unit";
constexpr const char* nmName = "org.freedesktop.NetworkManager";
constexpr const char* nmPath = "/org/freedesktop/NetworkManager";
constexpr const char* supplicantName = "fi.w1.wpa_supplicant1";
constexpr const char* supplicantPath = "/fi/w1/wpa_supplicant1";
constexpr std::uint64_t patience = 5'000'000; // microseconds

struct Path {
    std::string text;
};

Path unitPath(const std::string& unit) {
    char* raw = nullptr;
    checked(sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &raw), "name", unit);
    return {std::unique_ptr<char, decltype(&std::free)>(raw, &std::free).get()};
}

/// Calls and waits; null when it failed, for whatever reason: what is not there cannot tell.
bus::Message call(sd_bus* bus, sd_bus_message* message) {
    sd_bus_message* reply = nullptr;
    const int r = sd_bus_call(bus, message, patience, nullptr, &reply);
    return bus::Message(r < 0 ? nullptr : reply);
}

bus::Message getProperty(sd_bus* bus, const char* name, const Path& path, const char* interface,
                         const char* property) {
    const auto message = bus::newCall(bus, name, path.text, "org.freedesktop.DBus.Properties", "Get");
    checked(sd_bus_message_append(message.get(), "ss", interface, property), "ask for", property);
    return call(bus, message.get());
}

/// It must not be started by a question.
bool runs(sd_bus* bus, const char* name) {
    const auto has = bus::newCall(bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                  "org.freedesktop.DBus", "NameHasOwner");
    checked(sd_bus_message_append(has.get(), "s", name), "ask for", name);
    const bus::Message owner = call(bus, has.get());
    int running = 0;
    return owner && sd_bus_message_read(owner.get(), "b", &running) >= 0 && running != 0;
}

bool hasSupplicant(sd_bus* bus, const std::string& interface) {
    if (!runs(bus, supplicantName))
        return false;
    const auto ask = bus::newCall(bus, supplicantName, supplicantPath, supplicantName, "GetInterface");
    checked(sd_bus_message_append(ask.get(), "s", interface.c_str()), "ask for", interface);
    return call(bus, ask.get()) != nullptr;
}

std::optional<bool> managedByNetworkManager(sd_bus* bus, const std::string& interface) {
    if (!runs(bus, nmName))
        return std::nullopt;
    const auto ask = bus::newCall(bus, nmName, nmPath, nmName, "GetDeviceByIpIface");
    checked(sd_bus_message_append(ask.get(), "s", interface.c_str()), "ask for", interface);
    const bus::Message device = call(bus, ask.get());
    const char* path = nullptr;
    if (!device || sd_bus_message_read(device.get(), "o", &path) < 0)
        return std::nullopt;
    const bus::Message reply =
        getProperty(bus, nmName, {path}, "org.freedesktop.NetworkManager.Device", "Managed");
    int managed = 0;
    if (!reply || sd_bus_message_read(reply.get(), "v", "b", &managed) < 0)
        return std::nullopt;
    return managed != 0;
}

} // namespace

void gatherController(const Client::Where& where, Facts& facts) {
    try {
        EventLoop loop;
        Client client(loop, where);
        facts.status = parseDescription(client.describe());
    } catch (const Error& e) {
        facts.controllerProblem = e.why();
    }
}

void gatherFromBus(Facts& facts) {
    sd_bus* raw = nullptr;
    if (sd_bus_open_system(&raw) < 0)
        return;
    const bus::Bus bus(raw);
    std::vector<std::string> units = {"stinky.target", "stinky-controller.service"};
    if (facts.status)
        for (const UnitLine& unit : facts.status->units)
            units.push_back(unit.name);
    for (const std::string& unit : units) {
        const bus::Message reply =
            getProperty(raw, systemdName, unitPath(unit), unitInterface, "NeedDaemonReload");
        int changed = 0;
        if (reply && sd_bus_message_read(reply.get(), "v", "b", &changed) >= 0 && changed != 0)
            facts.changedUnits.push_back(unit);
    }
    const bus::Message socket =
        getProperty(raw, systemdName, unitPath("gpsd.socket"), unitInterface, "ActiveState");
    const char* state = nullptr;
    if (socket && sd_bus_message_read(socket.get(), "v", "s", &state) >= 0)
        facts.gpsdSocket = state;
    facts.radio.supplicant = hasSupplicant(raw, facts.radio.name);
    facts.radio.managedByNm = managedByNetworkManager(raw, facts.radio.name);
}

} // namespace stinky::ctl
