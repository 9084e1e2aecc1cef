#include "core/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stinky::core {
namespace {

using testing::ElementsAre;

/// Keeps what is asked of it, and answers when the test says so.
class FakeManager final : public ServiceManager {
public:
    void perform(const Action& action, Done done) override {
        actions.push_back(action);
        open.push_back(std::move(done));
    }

    void answer(const Ticket& ticket = {}) {
        const Done done = std::move(open.front());
        open.erase(open.begin());
        done(ticket);
    }

    std::vector<Action> actions;
    std::vector<Done> open;
};

UnitView unit(std::string name, std::string active, std::string job = "") {
    UnitView view;
    view.name = std::move(name);
    view.loadState = "loaded";
    view.activeState = std::move(active);
    view.job = std::move(job);
    return view;
}

class MachineTest : public testing::Test {
protected:
    MachineTest() {
        machine.observe([this](const Snapshot& before, const Snapshot& after) {
            ++changes;
            if (before.state != after.state)
                states.emplace_back(toString(after.state));
        });
    }

    void discover(const std::string& target, const std::string& scan) {
        machine.unitsDiscovered(unit("stinky.target", target), {unit("stinky-scan.service", scan)});
    }

    void tell(const std::string& target, const std::string& scan, const std::string& job = "",
              const std::string& scanJob = "") {
        machine.unitsChanged(unit("stinky.target", target, job),
                             {unit("stinky-scan.service", scan, scanJob)});
    }

    Machine::Answer keep() {
        return [this](const Ticket& ticket) {
            tickets.push_back(ticket);
        };
    }

    double time = 100;
    FakeManager manager;
    Machine machine{manager, [this] {
                        return time;
                    }};
    std::vector<std::string> states;
    std::vector<Ticket> tickets;
    int changes = 0;
};

const Action startTarget = {Action::Kind::start, "stinky.target"};
const Action stopTarget = {Action::Kind::stop, "stinky.target"};

TEST(PlanFor, ResetsWhatFailedBeforeAStartAndNotBeforeAStop) {
    World world;
    world.units = {unit("stinky-scan.service", "failed"), unit("stinky-tak.service", "active")};
    EXPECT_THAT(planFor(Request::start, world),
                ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"}, startTarget));
    EXPECT_THAT(planFor(Request::restart, world),
                ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"},
                            Action{Action::Kind::restart, "stinky.target"}));
    EXPECT_THAT(planFor(Request::stop, world), ElementsAre(stopTarget));
}

TEST_F(MachineTest, AStartIsNotCountedAmongTheRestarts) {
    UnitView ran = unit("stinky-scan.service", "inactive");
    ran.activeEnterUsec = ran.stateChangeUsec = 1;
    UnitView plugged = unit("stinky-gps@ttyUSB0.service", "inactive");
    plugged.activeEnterUsec = 1;
    plugged.role = Role::device;
    machine.unitsDiscovered(unit("stinky.target", "inactive"),
                            {ran, plugged, unit("stinky-tak.service", "inactive")});
    machine.request(Request::start, keep());
    EXPECT_THAT(manager.actions,
                ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"}, startTarget));
    machine.request(Request::stop, keep());
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"},
                                             startTarget, stopTarget));
}

TEST_F(MachineTest, AfterAStopItsStartsAreForgottenSoThatTheNextStartDoesNotWaitForThat) {
    const Action resetScan = {Action::Kind::resetFailed, "stinky-scan.service"};
    UnitView scan = unit("stinky-scan.service", "active");
    scan.activeEnterUsec = scan.stateChangeUsec = 1;
    machine.unitsDiscovered(unit("stinky.target", "active"), {scan});
    scan.activeState = "deactivating";
    machine.unitsChanged(unit("stinky.target", "inactive"), {scan});
    EXPECT_THAT(manager.actions, ElementsAre()) << "it would wait for its end";
    scan.activeState = "inactive";
    scan.stateChangeUsec = 2;
    machine.unitsChanged(unit("stinky.target", "inactive"), {scan});
    EXPECT_THAT(manager.actions, ElementsAre(resetScan));
    machine.request(Request::start, keep());
    EXPECT_THAT(manager.actions, ElementsAre(resetScan, startTarget));
    // The next start is another one.
    manager.answer({});
    manager.answer({"/job/1", "", ""});
    machine.jobRemoved("stinky.target", "/job/1", "done");
    scan.activeEnterUsec = scan.stateChangeUsec = 3;
    machine.unitsChanged(unit("stinky.target", "inactive"), {scan});
    EXPECT_THAT(manager.actions, ElementsAre(resetScan, startTarget, resetScan));
}

TEST_F(MachineTest, ARestartIsNotCountedAmongTheRestartsEither) {
    UnitView runs = unit("stinky-scan.service", "active");
    runs.activeEnterUsec = runs.stateChangeUsec = 1;
    UnitView card = unit("sys-subsystem-net-devices-wlan2.device", "active");
    card.activeEnterUsec = 1;
    card.role = Role::device;
    machine.unitsDiscovered(unit("stinky.target", "active"), {runs, card});
    machine.request(Request::restart, keep());
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"},
                                             Action{Action::Kind::restart, "stinky.target"}));
}

TEST_F(MachineTest, StartsFromInactiveToRunning) {
    discover("inactive", "inactive");
    machine.request(Request::start, keep());
    EXPECT_THAT(manager.actions, ElementsAre(startTarget));
    EXPECT_TRUE(tickets.empty());
    manager.answer({"/job/1", "", ""});
    ASSERT_EQ(tickets.size(), 1u);
    EXPECT_EQ(tickets[0].job, "/job/1");
    tell("inactive", "activating", "start", "start");
    EXPECT_EQ(machine.snapshot().reason, "waiting for stinky-scan");
    tell("inactive", "active", "start");
    tell("active", "active", "start");
    machine.jobRemoved("stinky.target", "/job/1", "done");
    tell("active", "active");
    EXPECT_THAT(states, ElementsAre("starting", "running"));
}

TEST_F(MachineTest, SinceIsTheTimeOfTheLastChangeOfState) {
    UnitView target = unit("stinky.target", "active");
    target.stateChangeUsec = 40'000'000;
    machine.unitsDiscovered(target, {unit("stinky-scan.service", "active")});
    EXPECT_DOUBLE_EQ(machine.snapshot().since, 40);
    time = 120;
    machine.setParts({{"scan", PartHealth::waiting, "no position", 119, {}, {}, "{}"}});
    EXPECT_EQ(machine.snapshot().state, State::degraded);
    EXPECT_DOUBLE_EQ(machine.snapshot().since, 120);
    time = 121;
    machine.setParts({{"scan", PartHealth::waiting, "no fix", 120, {}, {}, "{}"}});
    EXPECT_EQ(machine.snapshot().reason, "no fix");
    EXPECT_DOUBLE_EQ(machine.snapshot().since, 120);
}

TEST_F(MachineTest, GoesStaleWhenReconsidered) {
    discover("active", "active");
    machine.setParts({{"scan", PartHealth::ok, "", 100, {}, {}, "{}"}});
    EXPECT_EQ(machine.snapshot().state, State::running);
    time = 131;
    machine.reconsider();
    EXPECT_EQ(machine.snapshot().reason, "stinky-scan does not report any more");
}

TEST_F(MachineTest, AReportThatVanishesUnderARunningUnitIsMissed) {
    discover("active", "active");
    machine.setParts({{"scan", PartHealth::waiting, "no position", 100, {}, {}, "{}"}});
    machine.setParts({});
    EXPECT_EQ(machine.snapshot().state, State::running) << "perhaps it is about to end";
    time = 103;
    machine.reconsider();
    EXPECT_EQ(machine.snapshot().reason, "stinky-scan does not report any more");
    machine.setParts({{"scan", PartHealth::ok, "", 100, {}, {}, "{}"}});
    machine.setParts({});
    tell("active", "inactive");
    tell("active", "active");
    EXPECT_EQ(machine.snapshot().state, State::running) << "it is a new one, and may have nothing to report";
}

TEST_F(MachineTest, EqualRequestsShareOneCall) {
    discover("inactive", "inactive");
    for (int i = 0; i < 10; ++i)
        machine.request(Request::start, keep());
    EXPECT_EQ(manager.actions.size(), 1u);
    manager.answer({"/job/7", "", ""});
    ASSERT_EQ(tickets.size(), 10u);
    EXPECT_EQ(tickets[9].job, "/job/7");
}

TEST_F(MachineTest, StopDuringStartIsAllowed) {
    discover("inactive", "inactive");
    machine.request(Request::start, keep());
    manager.answer({"/job/1", "", ""});
    tell("inactive", "activating", "start", "start");
    machine.request(Request::stop, keep());
    manager.answer({"/job/2", "", ""});
    machine.jobRemoved("stinky.target", "/job/1", "canceled");
    tell("inactive", "deactivating", "", "stop");
    machine.jobRemoved("stinky.target", "/job/2", "done");
    EXPECT_EQ(machine.snapshot().state, State::stopping);
    tell("inactive", "inactive");
    EXPECT_THAT(states, ElementsAre("starting", "stopping", "inactive"));
}

TEST_F(MachineTest, ALaterStopOvertakesAStartThatStillResets) {
    discover("inactive", "failed");
    machine.request(Request::start, keep());
    machine.request(Request::stop, keep());
    ASSERT_EQ(tickets.size(), 1u);
    EXPECT_EQ(tickets[0].errorName, supersededError);
    manager.answer(); // the reset of the start
    manager.answer({"/job/2", "", ""});
    EXPECT_THAT(manager.actions,
                ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"}, stopTarget));
    ASSERT_EQ(tickets.size(), 2u);
    EXPECT_EQ(tickets[1].job, "/job/2");
    EXPECT_TRUE(manager.open.empty());
}

TEST_F(MachineTest, AContradictedStartThatIsOutIsStillAnswered) {
    discover("inactive", "inactive");
    machine.request(Request::start, keep());
    machine.request(Request::stop, keep());
    manager.answer({"/job/1", "", ""});
    manager.answer({"/job/2", "", ""});
    ASSERT_EQ(tickets.size(), 2u);
    EXPECT_EQ(tickets[0].job, "/job/1");
    EXPECT_EQ(tickets[1].job, "/job/2");
}

TEST_F(MachineTest, ARefusalIsHandedOnAndLeavesTheTruth) {
    discover("inactive", "inactive");
    machine.request(Request::start, keep());
    manager.answer({"", "org.freedesktop.DBus.Error.AccessDenied", "no"});
    ASSERT_EQ(tickets.size(), 1u);
    EXPECT_FALSE(tickets[0].ok());
    EXPECT_EQ(machine.snapshot().state, State::inactive);
}

TEST_F(MachineTest, AFailedResetDoesNotPreventTheStart) {
    discover("inactive", "failed");
    machine.request(Request::start, keep());
    manager.answer({"", "org.freedesktop.systemd1.NoSuchUnit", "gone"});
    manager.answer({"/job/1", "", ""});
    EXPECT_TRUE(tickets.at(0).ok());
}

TEST_F(MachineTest, AJobThatEndedBeforeItsNumberCameIsNotWaitedFor) {
    discover("inactive", "inactive");
    machine.request(Request::start, keep());
    machine.jobRemoved("stinky.target", "/job/1", "dependency");
    manager.answer({"/job/1", "", ""});
    EXPECT_EQ(machine.snapshot().state, State::failed);
    EXPECT_EQ(machine.snapshot().reason, "start of stinky.target ended with: dependency");
}

TEST_F(MachineTest, SomebodyElsesStartThatFailsIsShownUntilTheNext) {
    discover("inactive", "inactive");
    tell("inactive", "activating", "start", "start");
    tell("inactive", "inactive", "start");
    machine.jobRemoved("stinky.target", "/job/9", "timeout");
    tell("inactive", "inactive");
    EXPECT_EQ(machine.snapshot().reason, "start of stinky.target ended with: timeout");
    tell("inactive", "activating", "start", "start");
    tell("active", "active");
    tell("inactive", "inactive");
    EXPECT_THAT(states, ElementsAre("starting", "failed", "starting", "running", "inactive"));
}

TEST_F(MachineTest, JobsOfOtherUnitsDoNotEndOurs) {
    discover("inactive", "inactive");
    machine.request(Request::start, keep());
    manager.answer({"/job/1", "", ""});
    machine.jobRemoved("stinky-scan.service", "/job/1", "failed");
    EXPECT_EQ(machine.snapshot().state, State::starting);
}

TEST_F(MachineTest, ALostJobSignalEndsWithTheNextDiscovery) {
    discover("inactive", "inactive");
    machine.request(Request::start, keep());
    manager.answer({"/job/1", "", ""});
    EXPECT_EQ(machine.snapshot().state, State::starting);
    discover("inactive", "inactive");
    EXPECT_EQ(machine.snapshot().state, State::inactive);
}

TEST_F(MachineTest, TellsNothingWhenNothingChanged) {
    discover("active", "active");
    const int before = changes;
    tell("active", "active");
    machine.reconsider();
    machine.setParts({});
    EXPECT_EQ(changes, before);
}

TEST_F(MachineTest, TheFirstDiscoveryIsToldEvenOfAnEmptyWorld) {
    machine.unitsDiscovered({}, {});
    EXPECT_EQ(changes, 1);
    EXPECT_TRUE(machine.snapshot().discovered);
}

} // namespace
} // namespace stinky::core
