#include "radio/events.h"

#include <gtest/gtest.h>

#include "messages.h"

namespace stinky::radio {
namespace {

TEST(Changes, nameTheInterfacesThatWereAnnounced) {
    Changes changes;
    Bytes link = linkMessage({.index = 5});
    Bytes gone = linkMessage({.type = RTM_DELLINK, .index = 6});
    Bytes wireless = wirelessMessage(NL80211_CMD_SET_INTERFACE, 7);
    readLinkEvent(headerOf(link), changes);
    readLinkEvent(headerOf(gone), changes);
    readWirelessEvent(headerOf(wireless), changes);
    EXPECT_EQ(changes.interfaces, (std::set<std::uint32_t>{5, 6, 7}));
    EXPECT_TRUE(changes.concern(6));
    EXPECT_FALSE(changes.concern(8));
    EXPECT_EQ(changes.nameOf(5), "wlan2");
    EXPECT_EQ(changes.nameOf(7), std::nullopt);
}

TEST(Changes, concernEveryInterfaceWhenAnnouncementsWereLost) {
    Changes changes;
    changes.lost = true;
    EXPECT_TRUE(changes.concern(5));
}

} // namespace
} // namespace stinky::radio
