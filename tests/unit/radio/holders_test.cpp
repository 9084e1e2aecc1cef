#include "common/error.h"
#include "radio/holders.h"

#include <gmock/gmock.h>

#include "fake_managers.h"

namespace stinky::radio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HoldersTest : public testing::Test {
protected:
    Holders connected() { return {"wlan2", managers_.connect()}; }

    FakeManagers managers_;
};

TEST_F(HoldersTest, takesTheCardFromNetworkManagerAndGivesItBack) {
    managers_.world.devices = {{"eth0", 100}, {"wlan1", 100}, {"wlan2", 100}};
    managers_.world.supplicantHas = {"wlan1", "wlan2"};
    Holders holders = connected();
    const Hold hold = holders.read();
    EXPECT_TRUE(hold.networkManager);
    EXPECT_FALSE(hold.supplicant) << "wpa_supplicant has it from NetworkManager, which gives it back";
    holders.release();
    EXPECT_FALSE(holders.read().networkManager);
    holders.giveBack(hold);
    EXPECT_TRUE(holders.read().networkManager);
    EXPECT_THAT(managers_.said(), ElementsAre("Set wlan2 no", "RemoveInterface wlan2", "Set wlan2 yes"));
}

TEST_F(HoldersTest, usesTheCallOfANewerNetworkManager) {
    managers_.world.hasSetManaged = true;
    managers_.world.devices = {{"wlan2", 30}};
    connected().release();
    EXPECT_THAT(managers_.said(), ElementsAre("SetManaged wlan2 no"));
}

TEST_F(HoldersTest, takesTheCardFromWpaSupplicantAndGivesItBackAsItWas) {
    managers_.world.supplicantHas = {"wlan1", "wlan2"};
    Holders holders = connected();
    const Hold hold = holders.read();
    ASSERT_TRUE(hold.supplicant);
    EXPECT_EQ(*hold.supplicant, (SupplicantHold{"nl80211", "/etc/wpa.conf", ""}));
    holders.release();
    EXPECT_FALSE(holders.read().supplicant);
    holders.giveBack(hold);
    EXPECT_EQ(managers_.created(),
              (std::map<std::string, std::string>{
                  {"Ifname", "wlan2"}, {"Driver", "nl80211"}, {"ConfigFile", "/etc/wpa.conf"}}));
}

TEST_F(HoldersTest, changesNothingForACardThatNobodyHas) {
    managers_.world.devices = {{"wlan1", 100}, {"wlan2", 10}};
    managers_.world.supplicantHas = {"wlan1"};
    Holders holders = connected();
    const Hold hold = holders.read();
    EXPECT_EQ(hold, Hold());
    holders.release();
    holders.giveBack(hold);
    EXPECT_THAT(managers_.said(), IsEmpty());
}

TEST_F(HoldersTest, hasNobodyToAskWhereNeitherRuns) {
    managers_.world.networkManagerRuns = false;
    managers_.world.supplicantRuns = false;
    Holders holders = connected();
    EXPECT_EQ(holders.read(), Hold());
    holders.release();
    holders.giveBack({true, SupplicantHold{"nl80211", "", ""}, false});
    EXPECT_THAT(managers_.said(), IsEmpty());
}

TEST_F(HoldersTest, handsOnThatNetworkManagerRefuses) {
    managers_.world.devices = {{"wlan2", 100}};
    managers_.world.refuses = true;
    Holders holders = connected();
    try {
        holders.release();
        FAIL() << "taken without the right to";
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), HasSubstr("take from NetworkManager the interface wlan2: Not authorized"));
    }
}

TEST_F(HoldersTest, takesAwayAgainWhatIsPickedUpLater) {
    managers_.world.supplicantHas = {"wlan2"};
    managers_.world.devices = {{"wlan2", 30}};
    Holders holders = connected();
    EventLoop loop;
    holders.keepAway(loop);
    holders.releaseAgain();
    for (int turn = 0; turn < 500 && managers_.said().size() < 2; ++turn)
        loop.runOnce(std::chrono::milliseconds(10));
    EXPECT_THAT(managers_.said(), testing::UnorderedElementsAre("Set wlan2 no", "RemoveInterface wlan2"));
}

} // namespace
} // namespace stinky::radio
