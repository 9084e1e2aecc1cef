#pragma once

#include "common/bus.h"
#include "common/event_loop.h"
#include "core/service_manager.h"
#include "systemd/unit_tracker.h"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::systemd {

/// systemd over its bus: finds the units of the stack, follows them, and queues jobs. Subscribes first and
/// reads afterwards, so that no change falls between; never blocks, never polls; reads everything anew after
/// a daemon-reload and when systemd comes back to the bus.
class SystemdClient final : public core::ServiceManager {
public:
    /// `sender`: the bus name that systemd's signals must come from; empty on a connection without a bus
    /// daemon, whose messages have no sender.
    SystemdClient(EventLoop& loop, sd_bus* bus, std::string sender);

    /// Begins. `listener` hears of everything and must outlive this. Throws Error.
    void start(Listener& listener);

    void perform(const core::Action& action, Done done) override;

private:
    struct Discovery;

    struct EndedJob {
        std::string unit;
        std::string job;
        std::string result;
    };

    void addMatch(const std::string& rule, const std::string& sender, bus::Handler handler);
    void discover();
    void subscribe();
    void onMembersKnown(const std::shared_ptr<Discovery>& discovery);
    void onUnitsRead(const std::shared_ptr<Discovery>& discovery);
    std::set<std::string> untrackedDevices() const;
    void onListed(sd_bus_message* reply, const std::shared_ptr<Discovery>& discovery);
    void onRead(const std::shared_ptr<Discovery>& discovery, const std::string& unit, bool read);
    void onStep(const std::shared_ptr<Discovery>& discovery);
    void onUnitNew(const std::string& unit);
    void onUnitRemoved(const std::string& unit);
    void onJobRemoved(sd_bus_message* signal);
    void deliverEndedJobs();
    void refreshIfLoaded(const std::string& unit);
    void changed();

    sd_bus* bus_;
    std::string sender_;
    Listener* listener_ = nullptr;
    std::vector<bus::Slot> matches_;
    std::set<std::string, std::less<>> seen_; ///< units of ours that turned up and are none of the stack's
    std::shared_ptr<Discovery> discovery_;    ///< the one under way; null when none is
    bool again_ = false;                      ///< something called for another one meanwhile
    bool discovered_ = false;
    bool away_ = false;    ///< systemd reloads, or is not on the bus: a discovery follows
    bool failing_ = false; ///< it was said in the log
    /// Told after the units, so that whoever hears that a job is over knows what it has led to.
    std::vector<EndedJob> endedJobs_;
    UnitTracker tracker_;
    Timer retry_;
    bus::Calls calls_;
};

/// "stinky-scan.service" is, "stinky-controller.service" is not: we do not wait for ourselves.
bool isPartName(std::string_view unit) noexcept;

/// A serial port's unit: "stinky-gps@ttyUSB0.service".
bool isAttachedName(std::string_view unit) noexcept;

} // namespace stinky::systemd
