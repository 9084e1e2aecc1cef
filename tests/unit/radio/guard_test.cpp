#include "radio/guard.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>

#include <cerrno>

#include "fake_card.h"

namespace stinky::radio {
namespace {

using testing::HasSubstr;
using Seconds = RetakeLimit::Seconds;

constexpr CardState managedUp = {NL80211_IFTYPE_STATION, true};
constexpr CardState managedDown = {NL80211_IFTYPE_STATION, false};
constexpr CardState monitorUp = {NL80211_IFTYPE_MONITOR, true};
constexpr CardState monitorDown = {NL80211_IFTYPE_MONITOR, false};

class GuardTest : public testing::Test {
protected:
    FakeCard card_{managedUp};
    Guard guard_{card_, RetakeLimit(), "wlan2"};

    Look::State lookAt(double seconds) { return guard_.look(Seconds(seconds)).state; }
};

TEST_F(GuardTest, takesTheCardAndReadsItBack) {
    const Look look = guard_.look(Seconds(0));
    EXPECT_EQ(look.state, Look::State::held);
    EXPECT_FALSE(look.lost);
    EXPECT_EQ(card_.state, monitorUp);
    EXPECT_EQ(guard_.retaken(), 0U);
}

TEST_F(GuardTest, changesNothingOnACardThatIsHeldAlready) {
    card_.state = monitorUp;
    EXPECT_EQ(lookAt(0), Look::State::held);
    EXPECT_TRUE(card_.applied.empty());
}

TEST_F(GuardTest, takesItsOwnAnnouncementsForNoLoss) {
    lookAt(0);
    const auto steps = card_.applied.size();
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(lookAt(0.001 * i), Look::State::held);
    EXPECT_EQ(card_.applied.size(), steps);
    EXPECT_EQ(guard_.retaken(), 0U);
}

TEST_F(GuardTest, takesACardBackThatWasSetDownOrSetBack) {
    lookAt(0);
    for (const CardState& found : {monitorDown, managedDown, managedUp}) {
        card_.state = found;
        const Look look = guard_.look(Seconds(1));
        EXPECT_EQ(look.state, Look::State::held);
        EXPECT_EQ(look.lost, found);
        EXPECT_EQ(card_.state, monitorUp);
    }
    EXPECT_EQ(guard_.retaken(), 3U);
}

TEST_F(GuardTest, givesUpAtTheSixthLossWithinAMinuteAndSaysWhatItSaw) {
    lookAt(0);
    for (int i = 1; i <= 5; ++i) {
        card_.state = monitorDown;
        EXPECT_EQ(lookAt(i), Look::State::held);
    }
    card_.state = managedUp;
    try {
        lookAt(6);
        FAIL() << "a sixth retake was made";
    } catch (const GaveUp& e) {
        EXPECT_THAT(e.what(), HasSubstr("hold wlan2: it was taken away more than 5 times within 60 s"));
        EXPECT_THAT(e.what(), HasSubstr("the last time made managed, up;"));
    }
    EXPECT_EQ(card_.state, managedUp) << "the card was touched after giving up";
}

TEST_F(GuardTest, waitsForABusyCardAndTakesItLater) {
    card_.failures = {0, EBUSY, EBUSY};
    EXPECT_EQ(lookAt(0), Look::State::busy);
    EXPECT_THAT(guard_.obstacle().what(), HasSubstr("set type monitor wlan2: Device or resource busy"));
    EXPECT_EQ(guard_.obstacle().code(), EBUSY);
    EXPECT_EQ(lookAt(1), Look::State::busy);
    EXPECT_EQ(lookAt(2), Look::State::held);
    EXPECT_EQ(guard_.retaken(), 0U);
}

TEST_F(GuardTest, countsALossOnceHoweverOftenTheRetakeIsBusy) {
    lookAt(0);
    card_.state = managedDown;
    card_.failures = {EBUSY, EBUSY, EBUSY, EBUSY, EBUSY, EBUSY, EBUSY};
    EXPECT_TRUE(guard_.look(Seconds(1)).lost);
    for (int i = 0; i < 6; ++i)
        EXPECT_FALSE(guard_.look(Seconds(1)).lost);
    EXPECT_EQ(lookAt(2), Look::State::held);
    EXPECT_EQ(guard_.retaken(), 1U);
}

TEST_F(GuardTest, doesNotBelieveADriverThatOnlyPretends) {
    card_.pretends = true;
    EXPECT_EQ(lookAt(0), Look::State::busy);
    EXPECT_THAT(
        guard_.obstacle().what(),
        HasSubstr("verify monitor mode on wlan2: the driver accepted it, and yet the card is managed, up"));
}

TEST_F(GuardTest, notesACardThatIsGoneBeforeMeanwhileAndAfter) {
    card_.meanwhile = [this] {
        card_.state.reset();
    };
    EXPECT_EQ(lookAt(0), Look::State::gone);
    EXPECT_EQ(lookAt(1), Look::State::gone);
}

TEST_F(GuardTest, handsOnWhatWaitingWillNotMend) {
    card_.failures = {0, 0, EOPNOTSUPP};
    try {
        lookAt(0);
        FAIL() << "what the driver does not offer was taken for a busy card";
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), EOPNOTSUPP);
    }
}

TEST_F(GuardTest, waitsForTheSwitchWhenARadioIsBlockedMeanwhile) {
    card_.failures = {0, 0, ERFKILL};
    EXPECT_EQ(lookAt(0), Look::State::busy);
    EXPECT_EQ(guard_.obstacle().code(), ERFKILL);
    EXPECT_EQ(lookAt(1), Look::State::held);
}

} // namespace
} // namespace stinky::radio
