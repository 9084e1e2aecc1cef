#include "core/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace stinky::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string radioName = "stinky-radio@wlan2.service";
const std::string cardName = "sys-subsystem-net-devices-wlan2.device";

class FakeManager final : public ServiceManager {
public:
    void perform(const Action& action, Done done) override {
        if (broken)
            throw std::runtime_error("no way to systemd");
        actions.push_back(action);
        open.push_back(std::move(done));
    }

    std::vector<Action> actions;
    std::vector<Done> open;
    bool broken = false;
};

UnitView unit(std::string name, std::string active, Role role = Role::member) {
    UnitView view;
    view.name = std::move(name);
    view.loadState = "loaded";
    view.activeState = std::move(active);
    view.role = role;
    return view;
}

/// What the machine does by itself.
class PolicyTest : public testing::Test {
protected:
    std::vector<UnitView> units(const std::string& card, const std::string& radio, const std::string& scan) {
        std::vector<UnitView> list = {unit(cardName, card, Role::device), unit(radioName, radio),
                                      unit("stinky-scan.service", scan)};
        list[1].needs = {cardName};
        list[2].needs = {radioName};
        return list;
    }

    void discover(const std::string& card, const std::string& radio, const std::string& scan) {
        machine.unitsDiscovered(unit("stinky.target", "active"), units(card, radio, scan));
    }

    void tell(const std::string& card, const std::string& radio, const std::string& scan,
              const std::string& target = "active") {
        machine.unitsChanged(unit("stinky.target", target), units(card, radio, scan));
    }

    double time = 1000;
    OnFailure onFailure = OnFailure::degrade;
    std::vector<std::string> notes;
    std::optional<double> alarm;
    FakeManager manager;
    Machine machine{manager,
                    [this] { return time; },
                    {.onFailure = [this] { return onFailure; },
                     .alarm = [this](std::optional<double> at) { alarm = at; },
                     .note =
                         [this](const Note& note) {
                             notes.push_back(note.event + " " + note.unit);
                         }}};
};

TEST_F(PolicyTest, ADeviceThatIsBackRevivesWhatLaysDownForWantOfIt) {
    discover("active", "active", "active");
    tell("inactive", "inactive", "inactive");
    EXPECT_EQ(machine.snapshot().reason,
              "stinky-radio@wlan2 is not running: wlan2 is not there; stinky-scan is not running");
    tell("active", "inactive", "failed");
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"},
                                             Action{Action::Kind::start, radioName},
                                             Action{Action::Kind::start, "stinky-scan.service"}));
    EXPECT_THAT(notes, ElementsAre("device-back " + radioName));
    tell("active", "inactive", "failed");
    EXPECT_EQ(manager.actions.size(), 3u) << "once for each coming of the device";
}

TEST_F(PolicyTest, ACallThatCannotBeMadeIsNotTheLast) {
    discover("active", "active", "active");
    tell("inactive", "inactive", "inactive");
    manager.broken = true;
    EXPECT_THROW(tell("active", "inactive", "inactive"), std::runtime_error);
    manager.broken = false;
    tell("inactive", "inactive", "inactive");
    tell("active", "inactive", "inactive");
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::start, radioName},
                                             Action{Action::Kind::start, "stinky-scan.service"}));
}

TEST_F(PolicyTest, ADeviceThatComesToAStoppedStackStartsNothing) {
    machine.unitsDiscovered(unit("stinky.target", "inactive"), units("inactive", "inactive", "inactive"));
    tell("active", "inactive", "inactive", "inactive");
    EXPECT_THAT(manager.actions, IsEmpty());
}

TEST_F(PolicyTest, WhatWasStrandedStartsWhenWhatItNeedsIsThere) {
    discover("active", "activating", "inactive");
    machine.jobRemoved("stinky-scan.service", "/job/3", "dependency");
    tell("active", "activating", "inactive");
    EXPECT_THAT(manager.actions, IsEmpty());
    tell("active", "active", "inactive");
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::start, "stinky-scan.service"}));
    EXPECT_THAT(notes, ElementsAre("need-back stinky-scan.service"));
    tell("active", "active", "inactive");
    EXPECT_EQ(manager.actions.size(), 1u) << "once";
}

TEST_F(PolicyTest, WhatAPersonStoppedStaysStopped) {
    discover("active", "active", "active");
    tell("active", "active", "inactive");
    EXPECT_THAT(manager.actions, IsEmpty());
}

// It cannot be told from what went down with the device; ADR 0060.
TEST_F(PolicyTest, ADeviceThatIsBackStartsAlsoWhatAPersonStopped) {
    discover("active", "active", "inactive");
    tell("inactive", "inactive", "inactive");
    tell("active", "inactive", "inactive");
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::start, radioName},
                                             Action{Action::Kind::start, "stinky-scan.service"}));
}

TEST_F(PolicyTest, AReportThatVanishedIsLookedAtAgain) {
    discover("active", "active", "active");
    machine.setParts({{"scan", PartHealth::ok, "", 1000, {}, {}, "{}"}});
    machine.setParts({});
    EXPECT_EQ(alarm, 1003);
    tell("active", "active", "inactive");
    EXPECT_EQ(alarm, std::nullopt) << "it has ended";
}

TEST_F(PolicyTest, TheLadderIsClimbedByTheAlarmAndShown) {
    discover("active", "active", "failed");
    EXPECT_EQ(alarm, 1030);
    EXPECT_EQ(machine.snapshot().reason, "stinky-scan failed, repair 1 of 3 follows");
    time = 1030;
    machine.reconsider();
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"},
                                             Action{Action::Kind::start, "stinky-scan.service"}));
    EXPECT_THAT(notes, ElementsAre("repair stinky-scan.service"));
    EXPECT_EQ(machine.snapshot().repairs.at("stinky-scan.service").tried, 1u);
    tell("active", "active", "active");
    EXPECT_EQ(machine.snapshot().state, State::running);
    EXPECT_EQ(alarm, std::nullopt);
}

TEST_F(PolicyTest, ARepairIsNotedForWhatIsRepaired) {
    discover("active", "failed", "inactive");
    time = 1030;
    machine.reconsider();
    EXPECT_EQ(manager.actions.back().unit, "stinky-scan.service") << "it is started with the radio";
    EXPECT_THAT(notes, ElementsAre("repair " + radioName));
    tell("active", "failed", "failed");
    time = 1200;
    machine.reconsider();
    EXPECT_THAT(notes,
                ElementsAre("repair " + radioName, "repair " + radioName, "repair stinky-scan.service"));
}

TEST_F(PolicyTest, APersonsStartBeginsTheLadderAnew) {
    discover("active", "active", "failed");
    time = 1030;
    machine.reconsider();
    machine.request(Request::start, nullptr);
    EXPECT_THAT(machine.snapshot().repairs, IsEmpty());
}

TEST_F(PolicyTest, ADeviceThatIsBackBeginsTheLadderAnew) {
    discover("active", "active", "failed");
    for (const double at : {1030, 1200, 1900}) {
        time = at;
        machine.reconsider();
        machine.reconsider();
    }
    EXPECT_TRUE(machine.snapshot().repairs.at("stinky-scan.service").exhausted());
    tell("inactive", "inactive", "failed");
    EXPECT_TRUE(machine.snapshot().repairs.at("stinky-scan.service").exhausted());
    tell("active", "inactive", "failed");
    EXPECT_EQ(machine.snapshot().reason,
              "stinky-radio@wlan2 is not running; stinky-scan failed, repair 1 of 3 follows")
        << "it is said at once";
    tell("active", "active", "active");
    time = 2000;
    tell("active", "active", "failed");
    EXPECT_EQ(alarm, 2030);
}

TEST_F(PolicyTest, StopStopsTheRestWhenACriticalPartHasFailed) {
    onFailure = OnFailure::stop;
    discover("active", "active", "active");
    EXPECT_THAT(manager.actions, IsEmpty());
    tell("active", "active", "failed");
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::stop, "stinky.target"}));
    EXPECT_THAT(notes, ElementsAre("stopped-for-failure stinky-scan.service"));
    manager.open[0]({"/job/1", "", ""});
    tell("active", "inactive", "failed", "inactive");
    machine.jobRemoved("stinky.target", "/job/1", "done");
    EXPECT_EQ(machine.snapshot().state, State::failed);
    EXPECT_EQ(machine.snapshot().reason, "stinky-scan failed; the rest was stopped (ON_FAILURE=stop)");
    EXPECT_EQ(manager.actions.size(), 1u);
    machine.request(Request::start, nullptr);
    EXPECT_EQ(machine.snapshot().state, State::starting);
}

TEST_F(PolicyTest, TheReasonOutlivesTheJobOfTheStop) {
    onFailure = OnFailure::stop;
    discover("active", "active", "failed");
    manager.open[0]({"/job/1", "", ""});
    // systemd's picture may be told while the target is still up and its job is queued.
    UnitView target = unit("stinky.target", "active");
    target.job = "stop";
    machine.unitsChanged(target, units("active", "active", "failed"));
    tell("active", "inactive", "failed", "inactive");
    machine.jobRemoved("stinky.target", "/job/1", "done");
    EXPECT_EQ(machine.snapshot().reason, "stinky-scan failed; the rest was stopped (ON_FAILURE=stop)");
    // Somebody starts it with systemctl.
    target = unit("stinky.target", "inactive");
    target.job = "start";
    machine.unitsChanged(target, units("active", "inactive", "inactive"));
    tell("active", "inactive", "inactive", "inactive");
    EXPECT_EQ(machine.snapshot().reason, "");
}

TEST_F(PolicyTest, AStopThatIsRefusedIsAskedForOnceForEachFailure) {
    onFailure = OnFailure::stop;
    discover("active", "active", "failed");
    ASSERT_EQ(manager.open.size(), 1u);
    manager.open[0]({"", "org.freedesktop.DBus.Error.AccessDenied", "no"});
    tell("active", "active", "failed");
    EXPECT_EQ(manager.actions.size(), 1u);
    EXPECT_THAT(notes, ElementsAre("stopped-for-failure stinky-scan.service", "stop-refused stinky.target"));
    EXPECT_EQ(machine.snapshot().state, State::degraded);
    EXPECT_EQ(machine.snapshot().reason, "stinky-scan failed");
    tell("active", "active", "active");
    tell("active", "active", "failed");
    EXPECT_EQ(manager.actions.size(), 2u) << "it has failed again";
    manager.open[1]({"", "org.freedesktop.DBus.Error.AccessDenied", "no"});
    tell("active", "failed", "failed");
    EXPECT_EQ(manager.actions.size(), 3u) << "the radio's failure is another one";
}

TEST_F(PolicyTest, AStopThatTheBusLostIsAskedForAgain) {
    onFailure = OnFailure::stop;
    discover("active", "active", "failed");
    machine.managerLost();
    EXPECT_EQ(manager.actions.size(), 1u);
    discover("active", "active", "failed");
    EXPECT_EQ(manager.actions.size(), 2u);
}

TEST_F(PolicyTest, StopDoesNotStopForAPartThatIsNotCritical) {
    onFailure = OnFailure::stop;
    machine.unitsDiscovered(unit("stinky.target", "active"),
                            {unit("stinky-cgps.service", "failed"), unit("stinky-gps.service", "failed")});
    EXPECT_THAT(manager.actions, IsEmpty());
}

TEST_F(PolicyTest, TheSettingIsReadWithEachDiscovery) {
    discover("active", "active", "failed");
    EXPECT_THAT(manager.actions, IsEmpty());
    onFailure = OnFailure::stop;
    tell("active", "active", "failed");
    EXPECT_THAT(manager.actions, IsEmpty()) << "not before a daemon-reload";
    discover("active", "active", "failed");
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::stop, "stinky.target"}));
}

TEST_F(PolicyTest, SystemdsRestartsAreCountedOverItsOwnResets) {
    discover("active", "active", "active");
    auto list = units("active", "active", "active");
    for (const unsigned restarts : {1u, 2u, 0u, 1u}) {
        list[2].restarts = restarts;
        machine.unitsChanged(unit("stinky.target", "active"), list);
    }
    EXPECT_EQ(machine.snapshot().comebacks.at("stinky-scan.service"), 3u);
}

TEST_F(PolicyTest, SinglePartsAreRestartedByTheirShortNames) {
    discover("active", "failed", "active");
    std::vector<Ticket> tickets;
    machine.restartUnits({"scan", "radio"}, [&](const auto& all) { tickets = all; });
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::resetFailed, "stinky-scan.service"},
                                             Action{Action::Kind::resetFailed, radioName},
                                             Action{Action::Kind::restart, "stinky-scan.service"},
                                             Action{Action::Kind::restart, radioName}));
    manager.open[3]({"/job/2", "", ""});
    EXPECT_TRUE(tickets.empty()) << "answered when all are";
    manager.open[2]({"/job/1", "", ""});
    ASSERT_EQ(tickets.size(), 2u);
    EXPECT_EQ(tickets[0].job, "/job/1");
    EXPECT_EQ(tickets[1].job, "/job/2");
}

TEST_F(PolicyTest, ARestartByHandIsNotCountedForWhatRestartsWithIt) {
    discover("active", "active", "active");
    machine.restartUnits({"radio"}, nullptr);
    EXPECT_THAT(manager.actions, ElementsAre(Action{Action::Kind::resetFailed, radioName},
                                             Action{Action::Kind::resetFailed, "stinky-scan.service"},
                                             Action{Action::Kind::restart, radioName}));
}

TEST_F(PolicyTest, ARestartIsShownFromTheRequestToTheEndOfItsJob) {
    discover("active", "active", "active");
    machine.restartUnits({"scan"}, nullptr);
    EXPECT_THAT(machine.snapshot().restarting, ElementsAre("stinky-scan.service"));
    manager.open[1]({"/job/4", "", ""});
    machine.jobRemoved("stinky-scan.service", "/job/3", "canceled");
    EXPECT_THAT(machine.snapshot().restarting, ElementsAre("stinky-scan.service"));
    int told = 0;
    machine.observe([&](const Snapshot&, const Snapshot&) { ++told; });
    machine.jobRemoved("stinky-scan.service", "/job/4", "done");
    EXPECT_THAT(machine.snapshot().restarting, IsEmpty());
    EXPECT_EQ(told, 1);
}

TEST_F(PolicyTest, ARestartThatIsOverOrRefusedIsNotShown) {
    discover("active", "active", "active");
    machine.restartUnits({"scan", "radio"}, nullptr);
    machine.jobRemoved("stinky-scan.service", "/job/4", "done");
    EXPECT_EQ(machine.snapshot().restarting.size(), 2u) << "its number has not reached us";
    manager.open[2]({"/job/4", "", ""});
    EXPECT_THAT(machine.snapshot().restarting, ElementsAre(radioName));
    manager.open[3]({"", "org.freedesktop.DBus.Error.AccessDenied", "no"});
    EXPECT_THAT(machine.snapshot().restarting, IsEmpty());
    machine.restartUnits({"scan"}, nullptr);
    manager.open.back()({"/job/5", "", ""});
    discover("active", "active", "active");
    EXPECT_THAT(machine.snapshot().restarting, IsEmpty()) << "its end was missed with systemd's connection";
}

TEST_F(PolicyTest, ForeignUnitsAreNotRestarted) {
    discover("active", "active", "active");
    std::vector<Ticket> tickets;
    machine.restartUnits({"scan", "ssh.service"}, [&](const auto& all) { tickets = all; });
    EXPECT_THAT(manager.actions, IsEmpty());
    ASSERT_EQ(tickets.size(), 2u);
    EXPECT_EQ(tickets[1].errorName, unknownUnitError);
}

TEST_F(PolicyTest, ABusThatGoesAwayEndsWhatIsUnderWayAndTheTruthIsToldAgain) {
    discover("active", "active", "active");
    std::vector<std::string> errors;
    machine.request(Request::restart, [&](const Ticket& t) { errors.push_back(t.errorName); });
    machine.restartUnits({"scan"}, [&](const auto& all) { errors.push_back(all[0].errorName); });
    machine.managerLost();
    EXPECT_THAT(errors, ElementsAre(managerLostError, managerLostError));
    int told = 0;
    machine.observe([&](const Snapshot&, const Snapshot& after) { told += after.discovered ? 1 : 0; });
    time = 2000;
    discover("active", "active", "active");
    EXPECT_EQ(told, 1);
    EXPECT_EQ(machine.snapshot().state, State::running);
}

} // namespace
} // namespace stinky::core
