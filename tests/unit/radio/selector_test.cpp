#include "common/error.h"
#include "radio/hold_service.h"
#include "radio/selector.h"
#include "radio/vif_card.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>

#include <cerrno>

namespace stinky::radio {
namespace {

using testing::HasSubstr;

RadioInfo card(std::uint32_t number) {
    RadioInfo radio;
    radio.interface = "wlan" + std::to_string(number);
    radio.ifindex = 3 + number;
    radio.phy = "phy" + std::to_string(number);
    radio.driver = "rt2800usb";
    radio.bus = "usb";
    radio.permanentMac.octets = {2, 0, 0, 0, static_cast<std::uint8_t>(number), 0};
    radio.mac.octets = {0xfa, 1, 2, 3, 4, 5};
    radio.state.type = NL80211_IFTYPE_STATION;
    radio.types = {NL80211_IFTYPE_STATION, NL80211_IFTYPE_MONITOR};
    return radio;
}

std::string chosen(const std::string& word, const std::vector<RadioInfo>& radios) {
    try {
        return choose(Selector::parse(word), radios).interface;
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), ENODEV);
        return e.what();
    }
}

TEST(Selector, refusesWhatNamesNoCard) {
    for (const char* word :
         {"", "mac:", "mac:02:00", "phy:", "driver:", "usb:1-1", "wlan2/x", "driver:a/b", "a b"})
        EXPECT_THROW(Selector::parse(word), Error) << word;
}

TEST(Selector, findsACardByWhatStaysWithIt) {
    const std::vector<RadioInfo> radios = {card(0), card(1), card(2)};
    EXPECT_EQ(chosen("wlan1", radios), "wlan1");
    EXPECT_EQ(chosen("phy:phy2", radios), "wlan2");
    EXPECT_EQ(chosen("mac:02:00:00:00:01:00", radios), "wlan1") << "whatever address it uses now";
    EXPECT_EQ(chosen("driver:rt2800usb", radios), "wlan0") << "the first of several";
    EXPECT_THAT(chosen("mac:02:00:00:00:09:00", radios), HasSubstr("no card is that"));
    EXPECT_THAT(chosen("driver:ath9k", radios), HasSubstr("no card is that"));
}

TEST(Selector, takesTheCardsOwnInterfaceAndNotOneBesideIt) {
    RadioInfo monitor = card(2);
    monitor.interface = "wlan2mon";
    monitor.ifindex = 40;
    EXPECT_EQ(chosen("mac:02:00:00:00:02:00", {monitor, card(2)}), "wlan2");
    RadioInfo bare = card(2);
    bare.interface.clear();
    EXPECT_THAT(chosen("phy:phy2", {bare}), HasSubstr("no card is that"));
}

struct AutomaticCase {
    const char* what;
    void (*spoil)(RadioInfo&); ///< of wlan0
    const char* chosen;        ///< of wlan0 and wlan1
};

class Automatic : public testing::TestWithParam<AutomaticCase> {};

TEST_P(Automatic, prefersTheOther) {
    std::vector<RadioInfo> radios = {card(0), card(1)};
    GetParam().spoil(radios[0]);
    EXPECT_EQ(chosen("auto", radios), GetParam().chosen) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    table, Automatic,
    testing::Values(AutomaticCase{"equal", [](RadioInfo&) {}, "wlan0"},
                    AutomaticCase{"uplink", [](RadioInfo& r) { r.defaultRoute = true; }, "wlan1"},
                    AutomaticCase{"session", [](RadioInfo& r) { r.session = true; }, "wlan1"},
                    AutomaticCase{"no monitor", [](RadioInfo& r) { r.types = {NL80211_IFTYPE_AP}; },
                                  "wlan1"},
                    AutomaticCase{"AP", [](RadioInfo& r) { r.state.type = NL80211_IFTYPE_AP; }, "wlan1"},
                    AutomaticCase{"held", [](RadioInfo& r) { r.holders = {"stinky-radio"}; }, "wlan1"},
                    AutomaticCase{"in a network", [](RadioInfo& r) { r.frequencyMHz = 2412; }, "wlan1"},
                    AutomaticCase{"built in", [](RadioInfo& r) { r.bus = "sdio"; }, "wlan1"},
                    AutomaticCase{"no interface", [](RadioInfo& r) { r.interface.clear(); }, "wlan1"}));

TEST(Selector, saysOfEachCardWhyAutoDoesNotTakeIt) {
    RadioInfo uplink = card(0);
    uplink.defaultRoute = true;
    RadioInfo poor = card(1);
    poor.types = {NL80211_IFTYPE_STATION};
    const std::string why = chosen("auto", {uplink, poor});
    EXPECT_THAT(why, HasSubstr("wlan0: it carries the default route"));
    EXPECT_THAT(why, HasSubstr("wlan1: the driver rt2800usb offers no monitor mode"));
    EXPECT_THAT(chosen("auto", {}), HasSubstr("there is no Wi-Fi card"));
}

TEST(MonitorBeside, isTriedWhereTheDriverRefusesInPlaceAndNotWhereItIsBusy) {
    EXPECT_TRUE(wantsMonitorBeside(Error("set type", "monitor on wlan2", "", EOPNOTSUPP)));
    EXPECT_TRUE(wantsMonitorBeside(Error("set type", "monitor on wlan2", "", EINVAL)));
    EXPECT_FALSE(wantsMonitorBeside(Error("set type", "monitor on wlan2", "", EBUSY)));
    EXPECT_FALSE(wantsMonitorBeside(Error("set type", "monitor on wlan2", "", EPERM)));
}

TEST(MonitorBeside, hasANameThatTheKernelTakes) {
    EXPECT_EQ(VifCard::nameFor("wlan2"), "wlan2mon");
    EXPECT_EQ(VifCard::nameFor("wlx00c0caaabbcc"), "wlx00c0caaabmon");
    EXPECT_TRUE(isInterfaceName(VifCard::nameFor("wlx00c0caaabbcc")));
}

} // namespace
} // namespace stinky::radio
