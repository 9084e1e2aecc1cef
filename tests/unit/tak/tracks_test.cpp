#include "tak/tracks.h"

#include <gtest/gtest.h>

namespace stinky::tak {
namespace {

WigleRow row(std::uint8_t last) {
    WigleRow r;
    r.bssid.octets = {2, 0, 0, 0, 0, last};
    return r;
}

TEST(Tracks, SendsAnAccessPointOnceAndAgainAfterItsRefreshTime) {
    Tracks tracks(10, 300);
    EXPECT_TRUE(tracks.due(row(1), 0));
    EXPECT_FALSE(tracks.due(row(1), 299));
    EXPECT_TRUE(tracks.due(row(2), 299));
    EXPECT_TRUE(tracks.due(row(1), 300));
    EXPECT_FALSE(tracks.due(row(1), 301));
}

TEST(Tracks, LetsGoOfTheOneNotHeardForLongest) {
    Tracks tracks(2, 300);
    tracks.due(row(1), 0);
    tracks.due(row(2), 1);
    tracks.due(row(1), 2);
    tracks.due(row(3), 3);
    EXPECT_EQ(tracks.size(), 2U);
    EXPECT_FALSE(tracks.due(row(1), 4));
    EXPECT_TRUE(tracks.due(row(2), 5));
}

} // namespace
} // namespace stinky::tak
