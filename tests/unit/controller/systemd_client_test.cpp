#include "systemd/systemd_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include "bus_pair.h"
#include "fake_systemd.h"

namespace stinky::systemd {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

class SystemdClientTest : public testing::Test, protected core::ServiceManager::Listener {
protected:
    SystemdClientTest() {
        fake.unit("stinky.target").wants = {"stinky-scan.service", "stinky-controller.service",
                                            "network.target"};
        fake.unit("stinky.target").partOfMe = {"stinky-scan.service", "stinky-tak.service"};
        auto& scan = fake.unit("stinky-scan.service");
        scan.activeState = "active";
        scan.subState = "running";
        scan.statusText = "ok: capturing";
        scan.pid = 42;
        scan.restarts = 3;
        scan.since = 7'000'000;
        fake.unit("stinky-tak.service");
        fake.unit("stinky-controller.service");
        fake.unit("stinky-gps@ttyUSB0.service").activeState = "active";
    }

    void start() {
        client.start(*this);
        ASSERT_TRUE(pair.until([&] { return discoveries > 0; }));
        pair.settle();
        fake.calls.clear();
    }

    void unitsDiscovered(core::UnitView t, std::vector<core::UnitView> u) override {
        ++discoveries;
        unitsChanged(std::move(t), std::move(u));
    }

    void unitsChanged(core::UnitView t, std::vector<core::UnitView> u) override {
        ++changes;
        target = std::move(t);
        units = std::move(u);
    }

    void jobRemoved(const std::string& unit, const std::string& job, const std::string& result) override {
        targetAtEnd = target;
        ended.push_back(unit + " " + job + " " + result);
    }

    const core::UnitView* unit(const std::string& name) const {
        const auto found = std::ranges::find(units, name, &core::UnitView::name);
        return found == units.end() ? nullptr : &*found;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> list;
        for (const auto& view : units)
            list.push_back(view.name);
        return list;
    }

    test::BusPair pair;
    test::FakeSystemd fake{pair.server.get()};
    SystemdClient client{pair.loop, pair.client.get(), ""};
    core::UnitView target;
    std::vector<core::UnitView> units;
    std::vector<std::string> ended;
    core::UnitView targetAtEnd; ///< as it was known when a job's end was told
    int discoveries = 0;
    int changes = 0;
};

TEST_F(SystemdClientTest, FindsMembersAndPortsAndReadsThem) {
    start();
    EXPECT_EQ(target.name, "stinky.target");
    EXPECT_EQ(target.activeState, "inactive");
    EXPECT_THAT(names(),
                ElementsAre("stinky-gps@ttyUSB0.service", "stinky-scan.service", "stinky-tak.service"));
    const core::UnitView& scan = *unit("stinky-scan.service");
    EXPECT_EQ(scan.description, "the unit stinky-scan.service");
    EXPECT_EQ(scan.activeState, "active");
    EXPECT_EQ(scan.statusText, "ok: capturing");
    EXPECT_EQ(scan.mainPid, 42u);
    EXPECT_EQ(scan.restarts, 3u);
    EXPECT_EQ(scan.activeEnterUsec, 7'000'000u);
    EXPECT_EQ(scan.role, core::Role::member);
    EXPECT_EQ(unit("stinky-gps@ttyUSB0.service")->role, core::Role::attached);
    EXPECT_EQ(unit("stinky-tak.service")->role, core::Role::bound) << "the target does not want it";
    EXPECT_EQ(changes, 1) << "the first picture is told once and whole";
}

TEST_F(SystemdClientTest, AMissingUnitIsAMemberThatIsNotThere) {
    fake.unit("stinky.target").wants.emplace_back("stinky-ghost.service");
    fake.unit("stinky-ghost.service").loadState = "not-found";
    fake.unit("stinky-masked.service").loadState = "masked";
    fake.unit("stinky.target").wants.emplace_back("stinky-masked.service");
    start();
    ASSERT_NE(unit("stinky-ghost.service"), nullptr);
    EXPECT_EQ(unit("stinky-ghost.service")->activeState, "inactive");
    EXPECT_EQ(unit("stinky-masked.service")->loadState, "masked");
}

TEST_F(SystemdClientTest, AUnitThatCannotBeReadIsNotTakenForAStoppedOne) {
    fake.unit("stinky.target").wants.emplace_back("stinky-unread.service");
    client.start(*this);
    pair.settle();
    EXPECT_EQ(discoveries, 0);
    fake.unit("stinky-unread.service").activeState = "active";
    fake.reloaded();
    ASSERT_TRUE(pair.until([&] { return discoveries > 0; }));
    EXPECT_EQ(unit("stinky-unread.service")->activeState, "active");
}

TEST_F(SystemdClientTest, AnActiveTargetKeepsItsSubState) {
    fake.unit("stinky.target").activeState = "active";
    fake.unit("stinky.target").subState = "active";
    start();
    EXPECT_EQ(target.subState, "active");
}

TEST_F(SystemdClientTest, FollowsTheDevicesThatPartsAreBoundTo) {
    const std::string card = "sys-subsystem-net-devices-wlan2.device";
    fake.unit("stinky-radio@wlan2.service").boundTo = {card, "other.mount"};
    fake.unit("stinky-scan.service").required = {"stinky-radio@wlan2.service", "sysinit.target"};
    fake.unit("stinky.target").wants.emplace_back("stinky-radio@wlan2.service");
    fake.unit(card);
    start();
    ASSERT_NE(unit(card), nullptr);
    EXPECT_EQ(unit(card)->role, core::Role::device);
    EXPECT_THAT(unit("stinky-radio@wlan2.service")->needs, ElementsAre(card));
    EXPECT_THAT(unit("stinky-scan.service")->needs, ElementsAre("stinky-radio@wlan2.service"));
    fake.set(card, "active", "plugged");
    ASSERT_TRUE(pair.until([&] { return unit(card)->activeState == "active"; }));
}

TEST_F(SystemdClientTest, TellsHowAProcessEnded) {
    start();
    fake.unit("stinky-tak.service").exitStatus = 203;
    fake.unit("stinky-tak.service").exitCode = CLD_EXITED;
    fake.set("stinky-tak.service", "failed", "failed");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-tak.service")->exitStatus == 203; }));
    EXPECT_FALSE(unit("stinky-tak.service")->killed);
    fake.unit("stinky-tak.service").exitStatus = SIGKILL;
    fake.unit("stinky-tak.service").exitCode = CLD_KILLED;
    fake.announce("stinky-tak.service");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-tak.service")->killed; }));
}

TEST_F(SystemdClientTest, FollowsChangesBySignalAlone) {
    start();
    fake.unit("stinky-tak.service").result = "exit-code";
    fake.unit("stinky-tak.service").restarts = 5;
    fake.unit("stinky-tak.service").statusText = "bad\ttext\x1b[31m";
    fake.set("stinky-tak.service", "failed", "failed");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-tak.service")->activeState == "failed"; }));
    EXPECT_EQ(unit("stinky-tak.service")->result, "exit-code");
    EXPECT_EQ(unit("stinky-tak.service")->restarts, 5u);
    EXPECT_EQ(unit("stinky-tak.service")->statusText.find('\x1b'), std::string::npos);
    EXPECT_THAT(fake.calls, Not(Contains("look stinky.target"))) << "nothing was read again";
}

TEST_F(SystemdClientTest, QueuesJobsAndHearsOfTheirEnd) {
    start();
    core::Ticket ticket;
    bool answered = false;
    client.perform({core::Action::Kind::start, "stinky.target"}, [&](const core::Ticket& t) {
        ticket = t;
        answered = true;
    });
    ASSERT_TRUE(pair.until([&] { return answered && target.job == "start"; }));
    EXPECT_TRUE(ticket.ok());
    EXPECT_THAT(fake.calls, Contains("StartUnit stinky.target replace"));
    fake.endJob("stinky.target", "done");
    ASSERT_TRUE(pair.until([&] { return target.job.empty() && !ended.empty(); }));
    EXPECT_THAT(ended, ElementsAre("stinky.target " + ticket.job + " done"));
}

TEST_F(SystemdClientTest, HandsOnSystemdsRefusal) {
    start();
    fake.refuse = "org.freedesktop.systemd1.UnitMasked";
    core::Ticket ticket;
    bool answered = false;
    client.perform({core::Action::Kind::restart, "stinky.target"}, [&](const core::Ticket& t) {
        ticket = t;
        answered = true;
    });
    ASSERT_TRUE(pair.until([&] { return answered; }));
    EXPECT_EQ(ticket.errorName, "org.freedesktop.systemd1.UnitMasked");
    EXPECT_EQ(ticket.error, "refused by the test");
}

TEST_F(SystemdClientTest, ResetsFailedUnits) {
    start();
    bool answered = false;
    client.perform({core::Action::Kind::resetFailed, "stinky-tak.service"}, [&](const core::Ticket& t) {
        EXPECT_TRUE(t.ok());
        answered = true;
    });
    ASSERT_TRUE(pair.until([&] { return answered; }));
    EXPECT_THAT(fake.calls, Contains("ResetFailedUnit stinky-tak.service"));
}

TEST_F(SystemdClientTest, ReadsEverythingAnewAfterADaemonReload) {
    start();
    fake.unit("stinky.target").wants = {"stinky-kismet.service"};
    fake.unit("stinky.target").partOfMe = {};
    fake.unit("stinky-kismet.service").activeState = "active";
    fake.reloaded();
    ASSERT_TRUE(pair.until([&] { return discoveries == 2; }));
    EXPECT_THAT(names(), ElementsAre("stinky-gps@ttyUSB0.service", "stinky-kismet.service"));
    fake.set("stinky-kismet.service", "failed", "failed");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-kismet.service")->activeState == "failed"; }));
}

TEST_F(SystemdClientTest, AReloadThatChangesNothingIsNoNews) {
    start();
    fake.reloaded();
    std::vector<std::string> seen;
    ASSERT_TRUE(pair.until([&] {
        if (unit("stinky-scan.service")->activeState != "active")
            seen.push_back(unit("stinky-scan.service")->activeState);
        return discoveries == 2;
    }));
    EXPECT_TRUE(seen.empty()) << seen.front();
    EXPECT_EQ(changes, 2) << "one for each discovery";
}

TEST_F(SystemdClientTest, ReadsEverythingAnewWhenSystemdComesBack) {
    start();
    fake.unit("stinky-tak.service").activeState = "active"; // while nobody was there to tell
    fake.cameBack();
    ASSERT_TRUE(pair.until([&] { return discoveries == 2; }));
    EXPECT_EQ(unit("stinky-tak.service")->activeState, "active");
    EXPECT_THAT(fake.calls, Contains("Subscribe"));
}

TEST_F(SystemdClientTest, ReloadsThatComeInBurstsAreJoined) {
    start();
    for (int i = 0; i < 20; ++i)
        fake.reloaded();
    pair.settle();
    EXPECT_GE(discoveries, 2);
    EXPECT_LE(discoveries, 4);
}

TEST_F(SystemdClientTest, APortComesAndGoes) {
    start();
    fake.unit("stinky-gps@ttyACM0.service").activeState = "activating";
    fake.signalUnit("UnitNew", "stinky-gps@ttyACM0.service");
    ASSERT_TRUE(pair.until([&] {
        return unit("stinky-gps@ttyACM0.service") != nullptr &&
               unit("stinky-gps@ttyACM0.service")->activeState == "activating";
    }));
    fake.set("stinky-gps@ttyACM0.service", "active", "exited");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-gps@ttyACM0.service")->activeState == "active"; }));
    fake.signalUnit("UnitRemoved", "stinky-gps@ttyACM0.service");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-gps@ttyACM0.service") == nullptr; }));
}

TEST_F(SystemdClientTest, AnUnloadedMemberIsDownAndIsNotLoadedAgainToLook) {
    start();
    fake.unit("stinky-scan.service").loaded = false;
    fake.signalUnit("UnitRemoved", "stinky-scan.service");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-scan.service")->activeState == "inactive"; }));
    // What the look of discovery itself may cause in systemd: UnitNew of a unit that is gone already.
    fake.signalUnit("UnitNew", "stinky-scan.service");
    pair.settle();
    EXPECT_THAT(fake.calls, Not(Contains("look stinky-scan.service")));
    EXPECT_EQ(unit("stinky-scan.service")->mainPid, 0u);
}

TEST_F(SystemdClientTest, AChangeThatHidesInUnitNewIsSeen) {
    start();
    fake.unit("stinky-tak.service").activeState =
        "active"; // no PropertiesChanged: systemd joins it with UnitNew
    fake.signalUnit("UnitNew", "stinky-tak.service");
    ASSERT_TRUE(pair.until([&] { return unit("stinky-tak.service")->activeState == "active"; }));
}

TEST_F(SystemdClientTest, AForeignUnitOfOurNameCausesOneLookOnly) {
    start();
    fake.unit("stinky-other.service");
    for (int i = 0; i < 5; ++i) {
        fake.signalUnit("UnitNew", "stinky-other.service");
        pair.settle();
    }
    fake.signalUnit("UnitNew", "ssh.service");
    fake.signalUnit("UnitNew", "stinky-controller.service");
    pair.settle();
    EXPECT_EQ(discoveries, 2);
}

TEST_F(SystemdClientTest, AJobThatIsGoneBeforeItsTypeIsReadLeavesNoTrace) {
    start();
    fake.addJob("stinky-scan.service", "restart");
    fake.endJob("stinky-scan.service", "done");
    pair.settle();
    EXPECT_EQ(unit("stinky-scan.service")->job, "");
    EXPECT_EQ(ended.size(), 1u);
}

TEST_F(SystemdClientTest, TheEndOfAJobIsToldAfterWhatItLedTo) {
    start();
    fake.set("stinky.target", "active", "active");
    fake.set("stinky-scan.service", "active", "running");
    ASSERT_TRUE(pair.until([&] { return target.activeState == "active"; }));
    // A target stops at once, its members have their own jobs, whose kinds are still to be asked for.
    fake.addJob("stinky.target", "stop");
    fake.addJob("stinky-scan.service", "stop");
    fake.set("stinky.target", "inactive", "dead");
    fake.endJob("stinky.target", "done");
    ASSERT_TRUE(pair.until([&] { return !ended.empty(); }));
    EXPECT_EQ(targetAtEnd.activeState, "inactive");
    EXPECT_EQ(unit("stinky-scan.service")->job, "stop");
}

TEST_F(SystemdClientTest, AJobThatWaitsIsFoundByDiscovery) {
    fake.unit("stinky-scan.service").job = 77;
    fake.jobs[77] = "stop";
    start();
    ASSERT_TRUE(pair.until([&] { return unit("stinky-scan.service")->job == "stop"; }));
}

TEST_F(SystemdClientTest, AUnitsChangeDuringDiscoveryIsNotLost) {
    client.start(*this);
    pair.loop.runOnce(std::chrono::milliseconds(0));
    fake.set("stinky-tak.service", "activating", "start");
    fake.set("stinky-tak.service", "active", "running");
    ASSERT_TRUE(pair.until([&] { return discoveries > 0; }));
    pair.settle();
    EXPECT_EQ(unit("stinky-tak.service")->activeState, "active");
}

TEST(PartNames, AreOursButNotTheControllersOwn) {
    EXPECT_TRUE(isPartName("stinky-scan.service"));
    EXPECT_TRUE(isPartName("stinky-radio@wlan2.service"));
    EXPECT_FALSE(isPartName("stinky-controller.service"));
    EXPECT_FALSE(isPartName("stinky-controller.socket"));
    EXPECT_FALSE(isPartName("stinky.slice"));
    EXPECT_FALSE(isPartName("gpsd.service"));
    EXPECT_TRUE(isAttachedName("stinky-gps@ttyUSB0.service"));
    EXPECT_FALSE(isAttachedName("stinky-gps.service"));
}

} // namespace
} // namespace stinky::systemd
