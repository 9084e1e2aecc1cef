#include "session.h"

#include "common/error.h"
#include "common/log.h"
#include "common/part_status.h"

#include <algorithm>
#include <utility>

namespace stinky {
namespace {

constexpr std::chrono::milliseconds firstRetry{50};
constexpr std::chrono::milliseconds longestRetry{2000};
// A connection that ends earlier is refused rather than lost.
constexpr double settledAfter = 5;
constexpr const char* disconnected = "type='signal',sender='org.freedesktop.DBus.Local',"
                                     "path='/org/freedesktop/DBus/Local',"
                                     "interface='org.freedesktop.DBus.Local',member='Disconnected'";

bus::Bus open(EventLoop& loop) {
    bus::Bus bus = bus::openSystem(loop);
    // A bus daemon that restarts is waited for.
    checked(sd_bus_set_exit_on_disconnect(bus.get(), 0), "watch the system bus");
    return bus;
}

} // namespace

struct Session::Connection {
    Connection(EventLoop& loop, view::Controller& controller)
        : bus(open(loop)),
          systemd(loop, bus.get(), systemd::systemdName),
          authorizer(bus.get()),
          object(bus.get(), controller, authorizer) {}

    bus::Bus bus;
    systemd::SystemdClient systemd;
    dbus::PolkitAuthorizer authorizer;
    dbus::ControllerObject object;
    bus::Slot end;
    bool named = false;
};

Session::Session(EventLoop& loop) : loop_(loop), backoff_(firstRetry) {
    refuse_ = loop.addTimer(std::chrono::milliseconds(1), "refusal", [this] {
        for (const std::shared_ptr<Done>& done : std::exchange(refused_, {}))
            (*done)({{}, core::managerLostError, "the system bus is away"});
    });
    // Not from within a callback of the bus that goes.
    drop_ = loop.addTimer(std::chrono::milliseconds(1), "loss of the system bus", [this] { lost(); });
    retry_ = loop.addTimer(std::chrono::milliseconds(1), "way to the system bus", [this] { tryAgain(); });
}

Session::~Session() = default;

void Session::start(core::Machine& machine, view::Controller& controller) {
    machine_ = &machine;
    controller_ = &controller;
    connect();
}

void Session::connect() {
    connection_ = std::make_unique<Connection>(loop_, *controller_);
    connection_->end = bus::addMatch(connection_->bus.get(), disconnected, [this](sd_bus_message*) {
        log::warning("bus-lost", "the system bus went away, waiting for it");
        drop_.arm(std::chrono::microseconds(0));
    });
    connection_->systemd.start(*machine_);
    connectedAt_ = monotonicSeconds();
}

void Session::lost() {
    connection_.reset();
    machine_->managerLost();
    backoff_ =
        monotonicSeconds() - connectedAt_ > settledAfter ? firstRetry : std::min(backoff_ * 2, longestRetry);
    retry_.arm(backoff_);
}

void Session::tryAgain() {
    try {
        connect();
        log::info("bus-back", "connected to the system bus again");
    } catch (const Error&) { // said once, when it went
        connection_.reset();
        retry_.arm(backoff_);
        backoff_ = std::min(backoff_ * 2, longestRetry);
    }
}

void Session::publish(const core::Snapshot& before, const core::Snapshot& after) {
    if (!connection_)
        return;
    try {
        // The name comes last: who finds it finds the truth behind it.
        if (after.discovered && !std::exchange(connection_->named, true))
            connection_->object.requestName();
        connection_->object.publish(before, after);
    } catch (const Error& e) {
        // The bus may have gone without our having heard of it yet. The change itself stands, and the other
        // doors are to hear of it.
        log::failure("publish", e);
    }
}

void Session::perform(const core::Action& action, Done done) {
    const auto answer = std::make_shared<Done>(std::move(done));
    if (connection_) {
        try {
            connection_->systemd.perform(action,
                                         [answer](const core::Ticket& ticket) { (*answer)(ticket); });
            return;
        } catch (const Error& e) {
            log::failure("systemd-call", e);
        }
    }
    refused_.push_back(answer);
    refuse_.arm(std::chrono::microseconds(0));
}

} // namespace stinky
