#pragma once

#include "common/bus.h"
#include "dbus/authorizer.h"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "view/controller.h"

namespace stinky::dbus {

inline constexpr const char* busName = "org.stinky.Controller1";
inline constexpr const char* objectPath = "/org/stinky/Controller1";
inline constexpr const char* interfaceName = "org.stinky.Controller1";

/// The controller on the bus: docs/dbus-api.md. Reading is free; requests ask the authorizer first and are
/// answered when systemd has queued the job.
class ControllerObject {
public:
    /// Registers the object. All three must outlive this. Throws Error.
    ControllerObject(sd_bus* bus, view::Controller& controller, Authorizer& authorizer);
    ControllerObject(const ControllerObject&) = delete;
    ControllerObject& operator=(const ControllerObject&) = delete;

    /// Takes the name on the bus, without waiting; the loop ends when it is not to be had. Throws Error.
    void requestName();
    /// Sends the signals for a change. Throws Error.
    void publish(const core::Snapshot& before, const core::Snapshot& after);

private:
    struct Vtable;
    struct OpenCall;

    /// Runs `granted` when the caller may change things; answers the call otherwise.
    void
    authorized(sd_bus_message* call, const std::string& what,
               std::function<void(const std::shared_ptr<OpenCall>&, const std::string& caller)> granted);
    void onRequest(sd_bus_message* call, core::Request request);
    void onRestartUnits(sd_bus_message* call, std::vector<std::string> units, bool single);
    int appendUnits(sd_bus_message* reply) const;
    int appendParts(sd_bus_message* reply) const;
    std::vector<const char*> changedSections();
    void announceProgress(const core::Snapshot& before, const core::Snapshot& after);

    sd_bus* bus_;
    view::Controller& controller_;
    Authorizer& authorizer_;
    bus::Slot name_;
    /// What the properties that hold sections said last, by name.
    std::map<std::string, std::string> sections_;
    /// Calls that wait for polkit or systemd.
    std::shared_ptr<std::size_t> openCalls_ = std::make_shared<std::size_t>(0);
    /// Answers that come when this is gone find that out here.
    std::shared_ptr<ControllerObject*> self_;
    bus::Slot object_;
};

} // namespace stinky::dbus
