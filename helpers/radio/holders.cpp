#include "radio/holders.h"

#include "common/log.h"
#include "radio/bus_call.h"

#include <fmt/format.h>

#include <utility>

namespace stinky::radio {
namespace {

bus::Bus openQuietly() {
    sd_bus* raw = nullptr;
    const int r = sd_bus_open_system(&raw);
    // The card can be held on a machine without D-Bus: nobody who could be asked has it there.
    if (r < 0)
        log::info("radio-no-bus", Error::fromErrno("connect to", "the system bus", r).what());
    return bus::Bus(raw);
}

std::string signalRule(const char* interface, const char* path, const char* member) {
    return fmt::format("type='signal',interface='{}',path='{}',member='{}'", interface, path, member);
}

std::string pathIn(sd_bus_message* message) {
    const char* path = nullptr;
    checked(sd_bus_message_read(message, "o", &path), "read", "an object path");
    return path;
}

} // namespace

Holders::Holders(std::string interface) : Holders(std::move(interface), openQuietly()) {}

Holders::Holders(std::string interface, bus::Bus bus)
    : interface_(std::move(interface)), bus_(std::move(bus)) {}

Hold Holders::read() {
    Hold hold;
    if (!bus_)
        return hold;
    hold.networkManager = NetworkManager(bus_.get()).manages(interface_).value_or(false);
    // NetworkManager gave the card to wpa_supplicant then, and will do so again.
    if (!hold.networkManager)
        hold.supplicant = Supplicant(bus_.get()).holdOf(interface_);
    return hold;
}

void Holders::release() {
    if (!bus_)
        return;
    NetworkManager manager(bus_.get());
    if (manager.manages(interface_).value_or(false) && manager.setManaged(interface_, false))
        log::notice("radio-released", "NetworkManager has let go of " + interface_,
                    {{"STINKY_INTERFACE", interface_}});
    if (Supplicant(bus_.get()).release(interface_))
        log::notice("radio-released", "wpa_supplicant has let go of " + interface_,
                    {{"STINKY_INTERFACE", interface_}});
}

void Holders::giveBack(const Hold& saved) {
    if (!saved.networkManager && !saved.supplicant)
        return;
    const log::Fields fields = {{"STINKY_INTERFACE", interface_}};
    if (!bus_) {
        log::warning("radio-left", interface_ + ": no system bus to give it back to its manager by", fields);
        return;
    }
    if (saved.networkManager) {
        if (NetworkManager(bus_.get()).setManaged(interface_, true))
            log::notice("radio-restored", interface_ + " is NetworkManager's again", fields);
        else if (!hasOwner(bus_.get(), NetworkManager::busName))
            log::notice("radio-restored", interface_ + " was NetworkManager's, which does not run any more",
                        fields);
        else
            // nm-wifi-factory.c: a card that is a monitor when it first sees it is no device to it, and it
            // does not look again.
            log::warning("radio-left",
                         interface_ +
                             " was NetworkManager's, which was restarted meanwhile and does not look at "
                             "a card again that was a monitor then: `systemctl restart NetworkManager`, "
                             "or plug the card in anew",
                         fields);
    }
    if (saved.supplicant) {
        const bool there = Supplicant(bus_.get()).giveBack(interface_, *saved.supplicant);
        log::notice("radio-restored",
                    interface_ + (there ? " is wpa_supplicant's again"
                                        : " was wpa_supplicant's, which does not run any more"),
                    fields);
    }
}

void Holders::keepAway(EventLoop& loop) {
    if (!bus_)
        return;
    calls_.emplace(bus_.get());
    matches_.push_back(
        bus::addMatch(bus_.get(),
                      signalRule("org.freedesktop.DBus", "/org/freedesktop/DBus", "NameOwnerChanged") +
                          fmt::format(",arg0='{}'", NetworkManager::busName),
                      [this](sd_bus_message* message) {
                          const char* owner = nullptr;
                          checked(sd_bus_message_read(message, "sss", nullptr, nullptr, &owner), "read",
                                  "a change of owner");
                          if (*owner != '\0')
                              askNetworkManager();
                      }));
    // A NetworkManager that starts has its name before it has its devices.
    matches_.push_back(bus::addMatch(
        bus_.get(), signalRule(NetworkManager::busName, NetworkManager::objectPath, "DeviceAdded"),
        [this](sd_bus_message* message) { onDevice(pathIn(message)); }));
    matches_.push_back(
        bus::addMatch(bus_.get(), signalRule(Supplicant::busName, Supplicant::objectPath, "InterfaceAdded"),
                      [this](sd_bus_message*) { askSupplicant(); }));
    checked(sd_bus_attach_event(bus_.get(), loop.handle(), SD_EVENT_PRIORITY_NORMAL), "serve",
            "the system bus");
}

void Holders::releaseAgain() {
    if (!calls_)
        return;
    askNetworkManager();
    askSupplicant();
}

void Holders::send(const bus::Message& message, bus::Handler handler) {
    calls_->send(message.get(), busDeadline, std::move(handler));
}

void Holders::askNetworkManager() {
    send(quietCall(bus_.get(), NetworkManager::busName, NetworkManager::objectPath, NetworkManager::busName,
                   "GetAllDevices"),
         [this](sd_bus_message* reply) { onDevices(reply); });
}

void Holders::onDevices(sd_bus_message* reply) {
    // It does not run: the common case, and nothing to say.
    if (!bus::failureOf(reply).name.empty())
        return;
    for (const std::string& device : devicesOf(reply))
        onDevice(device);
}

void Holders::onDevice(const std::string& device) {
    send(getProperty(bus_.get(), NetworkManager::busName, device, NetworkManager::deviceInterface,
                     "Interface"),
         [this, device](sd_bus_message* reply) {
             if (bus::failureOf(reply).name.empty() && stringOf(reply) == interface_)
                 onHeldDevice(device);
         });
}

void Holders::onHeldDevice(const std::string& device) {
    // Whatever its state is now: a device that was just found is not managed yet, and will be.
    send(setManagedCall(bus_.get(), device, false),
         [this, device](sd_bus_message* reply) { onUnmanaged(device, reply, false); });
}

void Holders::onUnmanaged(const std::string& device, sd_bus_message* reply, bool byProperty) {
    const bus::Failure failure = bus::failureOf(reply);
    if (!byProperty && failure.name == "org.freedesktop.DBus.Error.UnknownMethod") {
        send(setManagedProperty(bus_.get(), device, false),
             [this, device](sd_bus_message* again) { onUnmanaged(device, again, true); });
        return;
    }
    if (failure.name.empty())
        log::notice("radio-released",
                    "NetworkManager knows " + interface_ + ", and was told to leave it alone",
                    {{"STINKY_INTERFACE", interface_}});
    else
        log::warning("radio-contested",
                     "NetworkManager holds " + interface_ + " and does not let go: " + failure.text,
                     {{"STINKY_INTERFACE", interface_}});
}

void Holders::askSupplicant() {
    const bus::Message ask = quietCall(bus_.get(), Supplicant::busName, Supplicant::objectPath,
                                       Supplicant::busName, "GetInterface");
    checked(sd_bus_message_append(ask.get(), "s", interface_.c_str()), "prepare", "GetInterface");
    send(ask, [this](sd_bus_message* reply) {
        if (bus::failureOf(reply).name.empty())
            onSupplicantPath(pathIn(reply));
    });
}

void Holders::onSupplicantPath(const std::string& path) {
    const bus::Message remove = quietCall(bus_.get(), Supplicant::busName, Supplicant::objectPath,
                                          Supplicant::busName, "RemoveInterface");
    checked(sd_bus_message_append(remove.get(), "o", path.c_str()), "prepare", "RemoveInterface");
    send(remove, [this](sd_bus_message* reply) {
        const bus::Failure failure = bus::failureOf(reply);
        if (failure.name.empty())
            log::notice("radio-released",
                        "wpa_supplicant had taken " + interface_ + ", and has let go of it",
                        {{"STINKY_INTERFACE", interface_}});
        else
            log::warning("radio-contested",
                         "wpa_supplicant holds " + interface_ + " and does not let go: " + failure.text,
                         {{"STINKY_INTERFACE", interface_}});
    });
}

} // namespace stinky::radio
