#pragma once

#include "common/bus.h"
#include "common/event_loop.h"
#include "radio/network_manager.h"
#include "radio/saved_state.h"
#include "radio/supplicant.h"

#include <string>
#include <utility>

namespace stinky::radio {

/// Who else holds a card: the programs that manage Wi-Fi interfaces on this machine, each asked for the one
/// interface and for nothing else. Without a system bus there is nobody to ask.
class Holders {
public:
    explicit Holders(std::string interface);
    /// On a bus that is there already, for tests.
    Holders(std::string interface, bus::Bus bus);

    /// What has to be saved before release().
    Hold read();
    /// Takes the interface from each that has it now. Throws Error.
    void release();
    /// Gives it back to each that had it. Throws Error.
    void giveBack(const Hold& saved);

    /// The interface has another name now.
    void rename(std::string interface) { interface_ = std::move(interface); }

    /// From now on the interface is taken from everyone who picks it up: NetworkManager when it starts or
    /// finds the card, wpa_supplicant when it is given the card.
    void keepAway(EventLoop& loop);
    /// Asks everyone again, says in the journal who holds the interface, and takes it. Does not wait.
    void releaseAgain();

private:
    void onDevices(sd_bus_message* reply);
    void onDevice(const std::string& device);
    void onHeldDevice(const std::string& device);
    void onUnmanaged(const std::string& device, sd_bus_message* reply, bool byProperty);
    void onSupplicantPath(const std::string& path);
    void askNetworkManager();
    void askSupplicant();
    void send(const bus::Message& message, bus::Handler handler);

    std::string interface_;
    bus::Bus bus_;
    std::optional<bus::Calls> calls_;
    std::vector<bus::Slot> matches_;
};

} // namespace stinky::radio
