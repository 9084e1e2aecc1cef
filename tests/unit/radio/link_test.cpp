#include "radio/link.h"

#include <gtest/gtest.h>

#include <random>

#include "messages.h"

namespace stinky::radio {
namespace {

std::optional<Link> parse(const LinkSample& sample) {
    Bytes bytes = linkMessage(sample);
    return parseLink(headerOf(bytes));
}

std::set<std::uint32_t> parse(const RouteSample& sample) {
    Bytes bytes = routeMessage(sample);
    return parseDefaultRoute(headerOf(bytes));
}

TEST(ParseLink, readsIndexNameStateAddressAndMaster) {
    LinkSample sample;
    sample.master = 9;
    sample.promiscuity = 2;
    Link expected;
    expected.index = 5;
    expected.name = "wlan2";
    expected.up = true;
    expected.address = {{2, 0, 0, 0, 2, 0}};
    expected.master = 9;
    expected.permanent = {{2, 0, 0, 0, 0, 9}};
    expected.promiscuity = 2;
    EXPECT_EQ(parse(sample), expected);
    sample.flags = IFF_RUNNING;
    EXPECT_FALSE(parse(sample)->up) << "a carrier does not make a link up";
}

TEST(ParseLink, ignoresABridgesViewOfItsPorts) {
    LinkSample sample;
    sample.type = RTM_DELLINK;
    sample.family = AF_BRIDGE;
    EXPECT_FALSE(parse(sample));
}

TEST(ParseLink, takesALinkWithAnAddressOfAnotherLength) {
    LinkSample sample;
    sample.address = std::vector<unsigned char>(20, 7);
    ASSERT_TRUE(parse(sample));
    EXPECT_EQ(parse(sample)->address, MacAddress());
}

TEST(ParseLink, refusesAnIndexThatNoInterfaceHas) {
    LinkSample sample;
    sample.index = 0;
    EXPECT_FALSE(parse(sample));
    sample.index = -1;
    EXPECT_FALSE(parse(sample));
}

TEST(ParseDefaultRoute, findsTheInterfaceOfADefaultRoute) {
    EXPECT_EQ(parse(RouteSample{.out = 5}), (std::set<std::uint32_t>{5}));
    EXPECT_EQ(parse(RouteSample{.nexthops = {5, 7}}), (std::set<std::uint32_t>{5, 7}));
}

TEST(ParseDefaultRoute, ignoresRoutesToSomewhereAndDefaultsThatLeadNowhere) {
    EXPECT_TRUE(parse(RouteSample{.prefix = 24, .out = 5}).empty());
    EXPECT_TRUE(parse(RouteSample{.type = RTN_UNREACHABLE, .out = 1}).empty());
}

TEST(ParseDefaultRoute, stopsAtANexthopThatClaimsToBeLongerThanItsMessage) {
    Bytes bytes = routeMessage({.nexthops = {5, 7}});
    auto* hop = reinterpret_cast<rtnexthop*>(bytes.data() + bytes.size() - sizeof(rtnexthop));
    for (const unsigned short length : {0, 1, 7, 9, 4096, 65535}) {
        hop->rtnh_len = length;
        EXPECT_EQ(parseDefaultRoute(headerOf(bytes)), (std::set<std::uint32_t>{5})) << length;
    }
}

TEST(NetlinkMessages, thatAreCutAnywhereAreReadOrIgnored) {
    LinkSample link;
    link.master = 9;
    for (const Bytes& whole : {linkMessage(link), routeMessage({.out = 5, .nexthops = {5, 7}})})
        for (std::size_t length = sizeof(nlmsghdr); length <= whole.size(); ++length) {
            Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            headerOf(cut)->nlmsg_len = static_cast<std::uint32_t>(length);
            parseLink(headerOf(cut));
            parseDefaultRoute(headerOf(cut));
        }
}

TEST(NetlinkMessages, thatAreSpoiledAreReadOrIgnored) {
    std::mt19937 random(2);
    for (const Bytes& whole : {linkMessage({}), routeMessage({.out = 5, .nexthops = {5, 7}})})
        for (int i = 0; i < 20000; ++i) {
            Bytes spoiled = whole;
            // The header's length is the receive loop's business, and checked there.
            for (int hits = 0; hits < 4; ++hits)
                spoiled[4 + random() % (spoiled.size() - 4)] = static_cast<unsigned char>(random());
            parseLink(headerOf(spoiled));
            parseDefaultRoute(headerOf(spoiled));
        }
}

TEST(CarriesDefaultRoute, seesTheInterfaceItselfAndTheBridgesAboveIt) {
    const std::vector<Link> links = {{2, "eth0", true, {}, 0},
                                     {5, "wlan2", true, {}, 8},
                                     {8, "bond0", true, {}, 9},
                                     {9, "br0", true, {}, 0}};
    EXPECT_TRUE(carriesDefaultRoute(2, links, {2}));
    EXPECT_FALSE(carriesDefaultRoute(5, links, {2}));
    EXPECT_TRUE(carriesDefaultRoute(5, links, {9}));
    EXPECT_TRUE(carriesDefaultRoute(5, links, {5}));
    EXPECT_FALSE(carriesDefaultRoute(9, links, {5}));
    EXPECT_FALSE(carriesDefaultRoute(5, links, {}));
}

TEST(CarriesDefaultRoute, endsWhenMastersPointAtEachOther) {
    const std::vector<Link> links = {{5, "a", true, {}, 8}, {8, "b", true, {}, 5}};
    EXPECT_FALSE(carriesDefaultRoute(5, links, {2}));
}

} // namespace
} // namespace stinky::radio
