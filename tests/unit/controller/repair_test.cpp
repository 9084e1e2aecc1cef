#include "core/repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stinky::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string radioName = "stinky-radio@wlan2.service";
const std::string cardName = "sys-subsystem-net-devices-wlan2.device";

UnitView unit(std::string name, std::string active, Role role = Role::member) {
    UnitView view;
    view.name = std::move(name);
    view.loadState = "loaded";
    view.activeState = std::move(active);
    view.role = role;
    return view;
}

/// A card, its radio, and a scanner that needs the radio.
World worldOf(const std::string& card, const std::string& radio, const std::string& scan) {
    World world;
    world.target = unit("stinky.target", "active");
    world.units = {unit(cardName, card, Role::device), unit(radioName, radio),
                   unit("stinky-scan.service", scan), unit("stinky-tak.service", "active")};
    world.units[1].needs = {cardName};
    world.units[2].needs = {radioName};
    return world;
}

const Action startRadio = {Action::Kind::start, radioName};
const Action resetRadio = {Action::Kind::resetFailed, radioName};
const Action startScan = {Action::Kind::start, "stinky-scan.service"};
const Action resetScan = {Action::Kind::resetFailed, "stinky-scan.service"};

TEST(RepairBook, ClimbsEachRungOnceAndThenNeverAgain) {
    RepairBook book;
    const World world = worldOf("active", "active", "failed");
    EXPECT_THAT(book.due(world, 100), IsEmpty());
    EXPECT_EQ(book.nextDue(), 130);
    EXPECT_THAT(book.due(world, 130), ElementsAre(resetScan, startScan));
    EXPECT_EQ(book.repairs().at("stinky-scan.service").tried, 1u);
    EXPECT_THAT(book.due(world, 131), IsEmpty());
    EXPECT_EQ(book.nextDue(), 251);
    EXPECT_THAT(book.due(world, 251),
                ElementsAre(Action{Action::Kind::restart, radioName}, resetScan, startScan));
    EXPECT_THAT(book.due(world, 252), IsEmpty());
    EXPECT_THAT(book.due(world, 852),
                ElementsAre(Action{Action::Kind::restart, radioName}, resetScan, startScan));
    for (double now = 853; now < 100'000; now += 500)
        EXPECT_THAT(book.due(world, now), IsEmpty());
    EXPECT_EQ(book.nextDue(), std::nullopt);
    EXPECT_TRUE(book.repairs().at("stinky-scan.service").exhausted());
}

TEST(RepairBook, BringsUpWhatLiesDownBecauseOfTheFailedOne) {
    RepairBook book;
    const World world = worldOf("active", "failed", "inactive");
    static_cast<void>(book.due(world, 0));
    EXPECT_THAT(book.due(world, 30), ElementsAre(resetRadio, startRadio, startScan));
}

TEST(RepairBook, BeginsAnewWhenThePartHasHeld) {
    RepairBook book;
    const World broken = worldOf("active", "active", "failed");
    static_cast<void>(book.due(broken, 0));
    static_cast<void>(book.due(broken, 30));
    World mended = worldOf("active", "active", "active");
    mended.units[2].activeEnterUsec = 31'000'000;
    static_cast<void>(book.due(mended, 100));
    EXPECT_EQ(book.repairs().at("stinky-scan.service").tried, 1u) << "it has not held for long";
    static_cast<void>(book.due(mended, 631));
    EXPECT_THAT(book.repairs(), IsEmpty());
}

struct NoRepair {
    const char* name;
    World world;
};

std::ostream& operator<<(std::ostream& out, const NoRepair& c) {
    return out << c.name;
}

class RepairTable : public testing::TestWithParam<NoRepair> {};

TEST_P(RepairTable, IsNotTried) {
    RepairBook book;
    EXPECT_THAT(book.due(GetParam().world, 0), IsEmpty());
    EXPECT_THAT(book.due(GetParam().world, 1e6), IsEmpty());
    EXPECT_EQ(book.nextDue(), std::nullopt);
}

World with(World world, const std::function<void(UnitView&)>& change) {
    change(world.units[2]);
    return world;
}

const World scanFailed = worldOf("active", "active", "failed");

INSTANTIATE_TEST_SUITE_P(
    NoUse, RepairTable,
    testing::Values(NoRepair{"TargetDown",
                             [] {
                                 World world = scanFailed;
                                 world.target.activeState = "inactive";
                                 return world;
                             }()},
                    NoRepair{"WrongSettings", with(scanFailed,
                                                   [](UnitView& u) {
                                                       u.result = "exit-code";
                                                       u.exitStatus = 78;
                                                   })},
                    NoRepair{"NoProgram", with(scanFailed,
                                               [](UnitView& u) {
                                                   u.result = "exit-code";
                                                   u.exitStatus = 203;
                                               })},
                    NoRepair{"Masked", with(scanFailed, [](UnitView& u) { u.loadState = "masked"; })},
                    NoRepair{"StartsAlready", with(scanFailed, [](UnitView& u) { u.job = "start"; })},
                    NoRepair{"NotWanted", with(scanFailed, [](UnitView& u) { u.role = Role::bound; })},
                    NoRepair{"CardIsGone", worldOf("inactive", "failed", "inactive")}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(DownFor, FollowsNeedsAcrossUnits) {
    const World world = worldOf("active", "failed", "inactive");
    const auto down = downFor(world, cardName);
    ASSERT_EQ(down.size(), 2u);
    EXPECT_EQ(down[0]->name, radioName);
    EXPECT_EQ(down[1]->name, "stinky-scan.service");
    EXPECT_THAT(downFor(worldOf("active", "active", "active"), cardName), IsEmpty());
    EXPECT_THAT(downFor(world, "dev-ttyUSB0.device"), IsEmpty());
}

} // namespace
} // namespace stinky::core
