#include "common/part_status.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include "bus_daemon.h"
#include "fake_systemd.h"
#include "session.h"
#include "unit/temporary_directory.h"
#include "unit/turn_until.h"

namespace stinky {
namespace {

constexpr const char* scan = "stinky-scan.service";

/// The played systemd, with a target that is up.
struct Played {
    Played(EventLoop& loop, const std::string& address)
        : bus(test::connectTo(loop, address)), systemd(bus.get()) {
        sd_bus_request_name(bus.get(), "org.freedesktop.systemd1", 0);
        systemd.unit("stinky.target").activeState = "active";
        systemd.unit("stinky.target").wants = {scan};
        systemd.unit(scan).activeState = "active";
    }

    bus::Bus bus;
    test::FakeSystemd systemd;
};

/// A session on a private bus.
class SessionTest : public testing::Test {
protected:
    SessionTest() {
        daemon.start();
        setenv("DBUS_SYSTEM_BUS_ADDRESS", daemon.address().c_str(), 1);
        played.emplace(loop, daemon.address());
        controller.observe([this](const view::Controller::Change& change) {
            session.publish(change.before, change.after);
            ++published;
        });
        session.start(machine, controller);
    }

    ~SessionTest() override { unsetenv("DBUS_SYSTEM_BUS_ADDRESS"); }

    bool until(const std::function<bool()>& done) { return test::turnUntil(loop, done); }

    bool discovered() {
        return until([this] { return machine.snapshot().discovered; });
    }

    test::TemporaryDirectory folder;
    test::BusDaemon daemon{folder.path()};
    EventLoop loop;
    std::optional<Played> played;
    Session session{loop};
    core::Machine machine{session, monotonicSeconds};
    view::Controller controller{loop, machine, {folder.path(), "127.0.0.1:1"}};
    int published = 0;
};

TEST_F(SessionTest, AChangeThatMeetsADeadBusReachesTheOthers) {
    ASSERT_TRUE(discovered());
    const int before = published;
    daemon.end();
    // Of the end of the bus the loop has not heard yet.
    machine.setParts({{"scan", core::PartHealth::fault, "the card is gone", monotonicSeconds(), {}, {}}});
    machine.setParts({});
    EXPECT_EQ(published, before + 2);
    EXPECT_TRUE(until([this] { return !machine.snapshot().discovered; }));
}

TEST_F(SessionTest, ARequestThatMeetsADeadBusIsRefusedAndTheTruthComesBack) {
    ASSERT_TRUE(discovered());
    daemon.end();
    std::optional<core::Ticket> answer;
    machine.setParts({{"scan", core::PartHealth::fault, "the card is gone", monotonicSeconds(), {}, {}}});
    machine.request(core::Request::stop, [&](const core::Ticket& ticket) { answer = ticket; });
    EXPECT_FALSE(answer) << "never before request() returns";
    EXPECT_TRUE(until([&] { return answer && !machine.snapshot().discovered; }));
    EXPECT_EQ(answer->errorName, core::managerLostError);
    played.reset();
    daemon.start();
    played.emplace(loop, daemon.address());
    EXPECT_TRUE(discovered());
    EXPECT_EQ(machine.snapshot().state, core::State::degraded);
}

} // namespace
} // namespace stinky
