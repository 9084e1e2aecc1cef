#include "radio/advice.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>

#include <cerrno>

namespace stinky::radio {
namespace {

using testing::HasSubstr;

RadioInfo usableRadio() {
    RadioInfo radio;
    radio.interface = "wlan2";
    radio.phy = "phy2";
    radio.driver = "mac80211_hwsim";
    radio.types = {NL80211_IFTYPE_STATION, NL80211_IFTYPE_MONITOR};
    return radio;
}

TEST(Refusal, takesACardWithMonitorModeThatIsNotTheUplink) {
    EXPECT_FALSE(reasonToRefuse(usableRadio()));
}

TEST(Refusal, refusesTheUplinkAndSaysWhy) {
    RadioInfo radio = usableRadio();
    radio.defaultRoute = true;
    ASSERT_TRUE(reasonToRefuse(radio));
    EXPECT_THAT(*reasonToRefuse(radio), HasSubstr("carries the default route"));
}

TEST(Refusal, refusesTheCardOfAnOpenSession) {
    RadioInfo radio = usableRadio();
    radio.session = true;
    ASSERT_TRUE(reasonToRefuse(radio));
    EXPECT_THAT(*reasonToRefuse(radio), HasSubstr("an open ssh session comes by it"));
}

TEST(Refusal, refusesAnAccessPointThatSomebodyMayUse) {
    RadioInfo radio = usableRadio();
    radio.state.type = NL80211_IFTYPE_AP;
    ASSERT_TRUE(reasonToRefuse(radio));
    EXPECT_THAT(*reasonToRefuse(radio), HasSubstr("it is an access point"));
}

TEST(Refusal, isOverriddenByForceButNotForACardWithoutMonitorMode) {
    RadioInfo radio = usableRadio();
    radio.session = true;
    radio.defaultRoute = true;
    radio.state.type = NL80211_IFTYPE_AP;
    EXPECT_FALSE(reasonToRefuse(radio, true));
    radio.types = {NL80211_IFTYPE_STATION};
    EXPECT_TRUE(reasonToRefuse(radio, true));
}

TEST(Refusal, refusesACardWithoutMonitorModeAndNamesItsDriver) {
    RadioInfo radio = usableRadio();
    radio.types = {NL80211_IFTYPE_STATION, NL80211_IFTYPE_AP};
    radio.driver = "brcmfmac";
    ASSERT_TRUE(reasonToRefuse(radio));
    EXPECT_THAT(*reasonToRefuse(radio), HasSubstr("the driver brcmfmac offers no monitor mode"));
}

TEST(Advice, saysWhatToDoAboutEachErrorThatACardGives) {
    EXPECT_THAT(adviceFor(EPERM), HasSubstr("CAP_NET_ADMIN"));
    EXPECT_THAT(adviceFor(EBUSY), HasSubstr("iw dev"));
    EXPECT_THAT(adviceFor(ERFKILL), HasSubstr("rfkill unblock"));
    EXPECT_EQ(adviceFor(0), "");
}

TEST(Advice, keepsTheKernelsWordsAndTheErrno) {
    const Error error = withAdvice(Error("set type monitor on", "wlan2", "Device or resource busy", EBUSY));
    EXPECT_THAT(error.what(), HasSubstr("set type monitor on wlan2: Device or resource busy; another"));
    EXPECT_EQ(error.code(), EBUSY);
    EXPECT_STREQ(withAdvice(Error("read", "x", "odd", 0)).what(), "read x: odd");
}

} // namespace
} // namespace stinky::radio
