#include "common/nl80211.h"

#include <gtest/gtest.h>
#include <linux/nl80211.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>

#include <cstring>

namespace stinky {
namespace {

NlMessage message(std::uint8_t command) {
    NlMessage m(nlmsg_alloc());
    genlmsg_put(m.get(), 0, 0, 30, 0, 0, command, 0);
    return m;
}

NlMessage interfaceMessage() {
    NlMessage m = message(NL80211_CMD_NEW_INTERFACE);
    const std::uint8_t address[6] = {2, 0, 0, 0, 2, 0};
    nla_put_u32(m.get(), NL80211_ATTR_IFINDEX, 5);
    nla_put_string(m.get(), NL80211_ATTR_IFNAME, "wlan2");
    nla_put_u32(m.get(), NL80211_ATTR_WIPHY, 2);
    nla_put_u32(m.get(), NL80211_ATTR_IFTYPE, NL80211_IFTYPE_MONITOR);
    nla_put(m.get(), NL80211_ATTR_MAC, 6, address);
    nla_put_u32(m.get(), NL80211_ATTR_WIPHY_FREQ, 2437);
    return m;
}

TEST(ParseWifiInterface, ReadsEveryField) {
    const NlMessage m = interfaceMessage();
    const auto interface = parseWifiInterface(nlmsg_hdr(m.get()));
    ASSERT_TRUE(interface);
    EXPECT_EQ(interface->index, 5U);
    EXPECT_EQ(interface->name, "wlan2");
    EXPECT_EQ(interface->wiphy, 2U);
    EXPECT_EQ(interface->type, NL80211_IFTYPE_MONITOR);
    EXPECT_EQ(interface->address.toString(), "02:00:00:00:02:00");
    EXPECT_EQ(interface->frequencyMHz, 2437U);
}

TEST(ParseWifiInterface, TakesNoMessageThatWasCutAnywhere) {
    const NlMessage whole = interfaceMessage();
    const auto length = nlmsg_hdr(whole.get())->nlmsg_len;
    for (std::uint32_t cut = NLMSG_HDRLEN; cut < length; ++cut) {
        // A copy of exactly that size: reading past it is seen by the sanitizers.
        std::vector<std::uint64_t> storage((cut + 7) / 8);
        auto* header = reinterpret_cast<nlmsghdr*>(storage.data());
        std::memcpy(header, nlmsg_hdr(whole.get()), cut);
        header->nlmsg_len = cut;
        const auto interface = parseWifiInterface(header);
        if (interface) {
            EXPECT_EQ(interface->name, "wlan2");
            EXPECT_GT(cut, length - 24) << "the fields that must be there were cut";
        }
    }
}

TEST(ParseWifiInterface, RefusesFieldsOfTheWrongSize) {
    NlMessage m = message(NL80211_CMD_NEW_INTERFACE);
    nla_put_u8(m.get(), NL80211_ATTR_IFINDEX, 5);
    nla_put_string(m.get(), NL80211_ATTR_IFNAME, "wlan2");
    nla_put_u32(m.get(), NL80211_ATTR_WIPHY, 2);
    nla_put_u32(m.get(), NL80211_ATTR_IFTYPE, 6);
    EXPECT_FALSE(parseWifiInterface(nlmsg_hdr(m.get())));
}

TEST(ParseWiphy, JoinsTheMessagesOfASplitDump) {
    std::vector<Wiphy> wiphys;
    NlMessage first = message(NL80211_CMD_NEW_WIPHY);
    nla_put_u32(first.get(), NL80211_ATTR_WIPHY, 2);
    nla_put_string(first.get(), NL80211_ATTR_WIPHY_NAME, "phy2");
    nlattr* types = nla_nest_start(first.get(), NL80211_ATTR_SUPPORTED_IFTYPES);
    nla_put_flag(first.get(), NL80211_IFTYPE_MONITOR);
    nla_nest_end(first.get(), types);
    parseWiphy(nlmsg_hdr(first.get()), wiphys);

    for (const std::uint32_t frequency : {2412U, 5180U, 2412U}) {
        NlMessage more = message(NL80211_CMD_NEW_WIPHY);
        nla_put_u32(more.get(), NL80211_ATTR_WIPHY, 2);
        nlattr* bands = nla_nest_start(more.get(), NL80211_ATTR_WIPHY_BANDS);
        nlattr* band = nla_nest_start(more.get(), 0);
        nlattr* channels = nla_nest_start(more.get(), NL80211_BAND_ATTR_FREQS);
        nlattr* channel = nla_nest_start(more.get(), 0);
        nla_put_u32(more.get(), NL80211_FREQUENCY_ATTR_FREQ, frequency);
        if (frequency > 5000)
            nla_put_flag(more.get(), NL80211_FREQUENCY_ATTR_DISABLED);
        for (nlattr* nest : {channel, channels, band, bands})
            nla_nest_end(more.get(), nest);
        parseWiphy(nlmsg_hdr(more.get()), wiphys);
    }
    ASSERT_EQ(wiphys.size(), 1U);
    EXPECT_EQ(wiphys[0].name, "phy2");
    EXPECT_TRUE(wiphys[0].types.contains(NL80211_IFTYPE_MONITOR));
    const std::vector<WifiChannel> expected = {{2412, false, false}, {5180, true, false}};
    EXPECT_EQ(wiphys[0].channels, expected);
}

TEST(ChannelOfFrequency, KnowsTheThreeBands) {
    EXPECT_EQ(channelOfFrequency(2412), 1);
    EXPECT_EQ(channelOfFrequency(2472), 13);
    EXPECT_EQ(channelOfFrequency(2484), 14);
    EXPECT_EQ(channelOfFrequency(5180), 36);
    EXPECT_EQ(channelOfFrequency(5885), 177);
    EXPECT_EQ(channelOfFrequency(5955), 1);
    EXPECT_EQ(channelOfFrequency(7115), 233);
    EXPECT_EQ(channelOfFrequency(0), 0);
    EXPECT_EQ(channelOfFrequency(0xffffffff), 0);
}

} // namespace
} // namespace stinky
