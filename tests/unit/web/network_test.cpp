#include "web/network.h"

#include <gtest/gtest.h>

namespace stinky::web {
namespace {

bool within(const char* network, const char* address) {
    return Network::parse(network).value().contains(Address::parse(address).value());
}

TEST(Network, ContainsWhatItSays) {
    EXPECT_TRUE(within("10.42.0.0/24", "10.42.0.255"));
    EXPECT_FALSE(within("10.42.0.0/24", "10.42.1.0"));
    EXPECT_TRUE(within("10.42.0.0/23", "10.42.1.0"));
    EXPECT_TRUE(within("0.0.0.0/0", "8.8.8.8"));
    EXPECT_FALSE(within("0.0.0.0/0", "::1"));
    EXPECT_TRUE(within("192.168.1.7", "192.168.1.7"));
    EXPECT_TRUE(within("fd00::/8", "fdff::1"));
    EXPECT_FALSE(within("fd00::/8", "fe80::1"));
    // An IPv4 client on a socket for both.
    EXPECT_TRUE(within("10.42.0.0/24", "::ffff:10.42.0.9"));
    EXPECT_TRUE(within("::/0", "10.1.2.3"));
}

TEST(Network, RefusesWhatIsNone) {
    for (const char* text : {"", "10.42.0.0/33", "10.42.0/24", "::/129", "a", "10.0.0.0/", "10.0.0.0/-1",
                             "10.0.0.0/8x", "fe80::1%eth0"})
        EXPECT_FALSE(Network::parse(text)) << text;
}

TEST(Address, IsWrittenAsItWasRead) {
    EXPECT_EQ(Address::parse("10.1.2.3")->text(), "10.1.2.3");
    EXPECT_EQ(Address::parse("::ffff:10.1.2.3")->text(), "10.1.2.3");
    EXPECT_EQ(Address::parse("fd00::1")->text(), "fd00::1");
}

} // namespace
} // namespace stinky::web
