#include "gps/service/systemd_calls.h"

#include "common/bus.h"
#include "common/error.h"
#include "gps/service/active_instances.h"

#include <cstdlib>
#include <memory>

namespace stinky::gps {
namespace {

constexpr const char* destination = "org.freedesktop.systemd1";
constexpr const char* managerPath = "/org/freedesktop/systemd1";
constexpr const char* managerInterface = "org.freedesktop.systemd1.Manager";
// polkit is started for the first question, on a machine that may be busy booting.
constexpr std::uint64_t deadline = 15'000'000; // us

/// A connection for a few calls, not served by any loop.
bus::Bus connect() {
    sd_bus* raw = nullptr;
    checked(sd_bus_open_system(&raw), "connect to the system bus");
    return bus::Bus(raw);
}

bus::Message call(sd_bus* bus, sd_bus_message* request, const char* tried, const char* object) {
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message* reply = nullptr;
    const int r = sd_bus_call(bus, request, deadline, &error, &reply);
    const std::string why = error.message != nullptr ? error.message : "";
    sd_bus_error_free(&error);
    if (r < 0 && !why.empty())
        throw Error(tried, object, why, -r);
    checked(r, tried, object);
    return bus::Message(reply);
}

void queueJob(const char* method, const char* tried, const std::string& unit) {
    const bus::Bus bus = connect();
    const bus::Message request = bus::newCall(bus.get(), destination, managerPath, managerInterface, method);
    checked(sd_bus_message_append(request.get(), "ss", unit.c_str(), "replace"), "prepare", method);
    call(bus.get(), request.get(), tried, unit.c_str());
}

} // namespace

std::string unitState(const std::string& unit) {
    try {
        const bus::Bus bus = connect();
        char* path = nullptr;
        checked(sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit.c_str(), &path), "encode", unit);
        const std::unique_ptr<char, decltype(&std::free)> owned(path, std::free);
        char* state = nullptr;
        checked(sd_bus_get_property_string(bus.get(), destination, path, "org.freedesktop.systemd1.Unit",
                                           "ActiveState", nullptr, &state),
                "ask systemd about", unit);
        const std::unique_ptr<char, decltype(&std::free)> ownedState(state, std::free);
        return state;
    } catch (const Error&) {
        return {};
    }
}

std::vector<std::string> devicesHandedOver() {
    const bus::Bus bus = connect();
    const bus::Message request =
        bus::newCall(bus.get(), destination, managerPath, managerInterface, "ListUnitsByPatterns");
    checked(sd_bus_message_append(request.get(), "asas", 1, "active", 1, "stinky-gps@*.service"), "prepare",
            "ListUnitsByPatterns");
    const bus::Message reply =
        call(bus.get(), request.get(), "list", "the instances of stinky-gps@.service");
    std::vector<std::string> devices;
    checked(sd_bus_message_enter_container(reply.get(), 'a', "(ssssssouso)"), "read", "the list of units");
    const char* name = nullptr;
    int r = 0;
    while ((r = sd_bus_message_read(reply.get(), "(ssssssouso)", &name, nullptr, nullptr, nullptr, nullptr,
                                    nullptr, nullptr, nullptr, nullptr, nullptr)) > 0)
        if (const auto device = deviceOfUnit(name))
            devices.push_back(*device);
    checked(r, "read", "the list of units");
    return devices;
}

void startUnit(const std::string& unit) {
    queueJob("StartUnit", "start", unit);
}

void restartGpsd() {
    queueJob("RestartUnit", "restart", "gpsd.service");
}

} // namespace stinky::gps
