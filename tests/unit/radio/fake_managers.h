#pragma once

#include "common/bus.h"
#include "common/event_loop.h"

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace stinky::radio {

/// NetworkManager and wpa_supplicant as far as a guard talks to them, at the other end of a socket, on a
/// thread of their own: the calls that are tested wait for their answers.
class FakeManagers {
public:
    /// What a test sets before connect() and looks at after the calls.
    struct World {
        bool networkManagerRuns = true;
        bool hasSetManaged = false;              ///< NetworkManager 1.58 and later
        bool obeys = true;                       ///< false: says yes and manages on
        bool refuses = false;                    ///< polkit says no
        std::map<std::string, unsigned> devices; ///< interface and NMDeviceState
        bool supplicantRuns = true;
        std::set<std::string> supplicantHas;
        std::map<std::string, std::string> created; ///< the arguments of CreateInterface
        std::vector<std::string> said;              ///< the calls that change something
    };

    World world;

    /// The guard's end. Once.
    bus::Bus connect();
    ~FakeManagers();

    std::map<std::string, std::string> created();
    std::vector<std::string> said();

private:
    static int onMessage(sd_bus_message* message, void* userdata, sd_bus_error* error) noexcept;
    int answer(sd_bus_message* message);
    int answerBus(sd_bus_message* message);
    int answerNetworkManager(sd_bus_message* message, const std::string& member);
    int answerSupplicant(sd_bus_message* message, const std::string& member);
    int getProperty(sd_bus_message* message);
    int setManaged(sd_bus_message* message, const std::string& path, bool managed);
    int create(sd_bus_message* message);

    std::mutex mutex_;
    std::thread thread_;
    int stop_ = -1;
    int fd_ = -1;
};

} // namespace stinky::radio
