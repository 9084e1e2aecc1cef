#include "radio/restore.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>

#include <cerrno>

#include "fake_card.h"

namespace stinky::radio {
namespace {

using testing::HasSubstr;

constexpr CardState managedUp = {NL80211_IFTYPE_STATION, true};
constexpr CardState managedDown = {NL80211_IFTYPE_STATION, false};
constexpr CardState monitorUp = {NL80211_IFTYPE_MONITOR, true};

TEST(GiveBack, restoresTypeAndLinkStateExactly) {
    for (const CardState& saved : {managedUp, managedDown, CardState{NL80211_IFTYPE_AP, true}}) {
        FakeCard card(monitorUp);
        const GiveBack result = giveBack(card, saved, "wlan2");
        EXPECT_EQ(result.state, GiveBack::State::done);
        EXPECT_TRUE(result.changed);
        EXPECT_EQ(result.left, "");
        EXPECT_EQ(card.state, saved);
    }
}

TEST(GiveBack, changesNothingTheSecondTime) {
    FakeCard card(monitorUp);
    giveBack(card, managedUp, "wlan2");
    card.applied.clear();
    const GiveBack again = giveBack(card, managedUp, "wlan2");
    EXPECT_EQ(again.state, GiveBack::State::done);
    EXPECT_FALSE(again.changed);
    EXPECT_TRUE(card.applied.empty());
}

TEST(GiveBack, leavesACardAloneThatSomebodyElseHasTaken) {
    FakeCard card({NL80211_IFTYPE_AP, true});
    const GiveBack result = giveBack(card, managedDown, "wlan2");
    EXPECT_EQ(result.state, GiveBack::State::done);
    EXPECT_THAT(result.left, HasSubstr("somebody else"));
    EXPECT_TRUE(card.applied.empty());
}

TEST(GiveBack, goesOnWhereItWasWhenTheCardWasBusy) {
    FakeCard card(monitorUp);
    card.failures = {0, EBUSY};
    const GiveBack first = giveBack(card, managedUp, "wlan2");
    EXPECT_EQ(first.state, GiveBack::State::busy);
    ASSERT_TRUE(first.obstacle);
    EXPECT_EQ(first.obstacle->code(), EBUSY);
    EXPECT_EQ(giveBack(card, managedUp, "wlan2").state, GiveBack::State::done);
    EXPECT_EQ(card.state, managedUp);
}

TEST(GiveBack, isDoneWithACardThatIsGone) {
    FakeCard gone(monitorUp);
    gone.state.reset();
    EXPECT_EQ(giveBack(gone, managedUp, "wlan2").state, GiveBack::State::gone);

    FakeCard pulled(monitorUp);
    pulled.meanwhile = [&] {
        pulled.state.reset();
    };
    EXPECT_EQ(giveBack(pulled, managedUp, "wlan2").state, GiveBack::State::gone);
}

TEST(GiveBack, doesNotBelieveADriverThatOnlyPretends) {
    FakeCard card(monitorUp);
    card.pretends = true;
    try {
        giveBack(card, managedUp, "wlan2");
        FAIL() << "a card that is still in monitor mode was taken for restored";
    } catch (const Error& e) {
        EXPECT_THAT(e.what(), HasSubstr("the card is monitor, up instead of managed, up"));
    }
}

TEST(GiveBack, handsOnWhatWaitingWillNotMend) {
    FakeCard card(monitorUp);
    card.failures = {EPERM};
    EXPECT_THROW(giveBack(card, managedUp, "wlan2"), Error);
}

} // namespace
} // namespace stinky::radio
