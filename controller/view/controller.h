#pragma once

#include "core/machine.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "view/captures.h"
#include "view/describe.h"
#include "view/gps_feed.h"
#include "view/journal.h"

namespace stinky::view {

/// The controller as its doors show it: D-Bus and the web stand on this and on nothing else. Everything is
/// called on the event loop, and nothing blocks for longer than the read of a bounded piece of a file.
class Controller {
public:
    struct Places {
        std::string captures = captureDirectory;
        std::string gpsd = "127.0.0.1:2947";
    };

    /// A change, after it happened. Both are the same when only the live position has changed.
    struct Change {
        const core::Snapshot& before;
        const core::Snapshot& after;
    };

    using Observer = std::function<void(const Change&)>;

    /// `machine` must outlive this.
    Controller(EventLoop& loop, core::Machine& machine, Places places);
    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;

    /// Everything in one object: docs/dbus-api.md, "Describe". Whoever asks for it sees the live position
    /// from then on, for half a minute.
    Json describe();
    Json gps();

    Json radios() const { return radiosJson(snapshot()); }

    Json scanner() const { return scannerJson(snapshot()); }

    Json tak() const { return takJson(snapshot()); }

    Json disk() const { return diskJson(places_.captures); }

    /// The strongest `limit`: {"total", "behind", "capture", "access_points"}.
    Json accessPoints(std::size_t limit);
    /// The table itself, for filters and pages; as new as the last half second.
    const AccessPoints& accessPointTable();

    std::vector<Capture> captures() const { return listCaptures(places_.captures); }

    /// Records of the journal, the oldest first; a name in `units` is taken as findUnit() takes it. Throws
    /// Error.
    std::vector<LogRecord> logs(LogQuery query);

    const core::Snapshot& snapshot() const noexcept { return machine_.snapshot(); }

    /// Seconds of CLOCK_MONOTONIC.
    double now() const { return machine_.now(); }

    /// What gpsd itself says, with the effect of gps(); null where it is not followed yet.
    const GpsState* gpsState();
    /// The same position as gps(), for those who follow changes and do not ask.
    Json gpsNow() const;

    /// Start, stop or restart of the stack: answered when systemd has queued the job. Who may ask is for the
    /// door to find out; `caller` is for the journal.
    void request(core::Request request, const std::string& caller, core::Machine::Answer answer);
    /// Restart of single parts, as Machine::restartUnits().
    void restartUnits(const std::vector<std::string>& names, const std::string& caller,
                      core::Machine::TicketsAnswer answer);

    /// Called after each change, in the order of observe(). An observer may ask, and must not request
    /// anything.
    void observe(Observer observer) { observers_.push_back(std::move(observer)); }

private:
    void tell(const core::Snapshot& before, const core::Snapshot& after);

    core::Machine& machine_;
    Places places_;
    std::vector<Observer> observers_;
    GpsFeed feed_;
    AccessPoints accessPoints_;
    std::optional<Journal> journal_;
};

} // namespace stinky::view
