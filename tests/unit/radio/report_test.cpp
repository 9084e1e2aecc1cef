#include "radio/report.h"

#include <gmock/gmock.h>
#include <linux/nl80211.h>

namespace stinky::radio {
namespace {

using testing::HasSubstr;

RadioInfo sampleRadio() {
    RadioInfo radio;
    radio.interface = "wlan2";
    radio.ifindex = 5;
    radio.phy = "phy2";
    radio.wiphy = 2;
    radio.driver = "mac80211_hwsim";
    radio.mac = {{2, 0, 0, 0, 2, 0}};
    radio.state = {NL80211_IFTYPE_STATION, false};
    radio.types = {NL80211_IFTYPE_STATION, NL80211_IFTYPE_MONITOR};
    radio.channels = {{2412, false, false}, {2484, true, false}, {5180, false, true}, {5955, true, true}};
    return radio;
}

TEST(Bands, countWhatTheRadioHasAndWhatTheRegulatoryDomainLeaves) {
    EXPECT_EQ(bandsOf(sampleRadio().channels),
              (std::vector<BandSummary>{{"2.4 GHz", 2, 1}, {"5 GHz", 1, 1}, {"6 GHz", 1, 0}}));
    EXPECT_TRUE(bandsOf({}).empty());
    EXPECT_EQ(bandsOf({{902, false, false}, {58320, false, false}}),
              (std::vector<BandSummary>{{"S1G", 1, 1}, {"60 GHz", 1, 1}}));
}

TEST(RadioJson, hasEveryFieldOfTheManualPage) {
    EXPECT_EQ(toJson(sampleRadio()), nlohmann::json::parse(R"({
        "interface": "wlan2", "phy": "phy2", "driver": "mac80211_hwsim", "mac": "02:00:00:00:02:00",
        "type": "managed", "up": false, "monitor": true, "default_route": false,
        "session": false, "soft_blocked": null, "hard_blocked": null, "held_by": [],
        "modes": ["managed", "monitor"],
        "bands": [{"band": "2.4 GHz", "channels": 2, "usable": 1}, {"band": "5 GHz", "channels": 1, "usable": 1},
                  {"band": "6 GHz", "channels": 1, "usable": 0}]})"));
}

TEST(RadioJson, hasNullsForARadioWithoutAnInterface) {
    RadioInfo radio = sampleRadio();
    radio.interface.clear();
    for (const char* key : {"interface", "mac", "type", "up"})
        EXPECT_TRUE(toJson(radio).at(key).is_null()) << key;
}

TEST(RadioTable, alignsItsColumns) {
    RadioInfo other = sampleRadio();
    other.interface = "wlx00c0caaabbcc";
    const std::string text = table({sampleRadio(), other});
    const auto column = [&](int row) {
        std::size_t begin = 0;
        for (; row > 0; --row)
            begin = text.find('\n', begin) + 1;
        return text.find("phy2", begin) - begin;
    };
    EXPECT_EQ(column(1), column(2));
    EXPECT_THAT(text, HasSubstr("2.4 GHz (1 of 2 channels), 5 GHz (1 of 1 channels)"));
}

TEST(RadioDetails, tellWhatTheCardWillBeSetBackTo) {
    SavedState saved;
    saved.state = {NL80211_IFTYPE_STATION, true};
    EXPECT_THAT(details(sampleRadio(), saved, ""), HasSubstr("will be set back to managed, up"));
    EXPECT_THAT(details(sampleRadio(), std::nullopt, ""), HasSubstr("nothing saved"));
    EXPECT_THAT(details(sampleRadio(), std::nullopt, "open x: Permission denied"),
                HasSubstr("unknown: open x: Permission denied"));
}

TEST(RadioTable, saysWhatIsInTheWay) {
    RadioInfo radio = sampleRadio();
    radio.session = true;
    radio.block = Block{true, false};
    radio.holders = {"NetworkManager", "stinky-radio"};
    EXPECT_THAT(table({radio}),
                testing::ContainsRegex("yes +ssh +soft +NetworkManager, stinky-radio  2.4 GHz"));
    EXPECT_THAT(table({sampleRadio()}), testing::ContainsRegex("yes +no +[?] +- +2.4 GHz"));
    const std::string text = details(radio, std::nullopt, "");
    EXPECT_THAT(text, HasSubstr("uplink   an open ssh session comes by it"));
    EXPECT_THAT(text, HasSubstr("held by  NetworkManager, stinky-radio"));
    EXPECT_EQ(toJson(radio).at("soft_blocked"), true);
    EXPECT_EQ(toJson(radio).at("hard_blocked"), false);
}

} // namespace
} // namespace stinky::radio
