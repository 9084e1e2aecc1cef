#include "scan/beacon.h"

#include <gtest/gtest.h>

#include "frame_builder.h"

namespace stinky::scan {
namespace {

using test::Buffer;
using test::rsnBody;

struct Case {
    std::vector<std::uint8_t> akms;
    const char* text;
};

class KeyManagement : public ::testing::TestWithParam<Case> {};

TEST_P(KeyManagement, IsNamedAsWigleDoes) {
    EXPECT_EQ(securityText(rsnBody(GetParam().akms), false), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(Suites, KeyManagement,
                         ::testing::Values(Case{{2}, "[WPA2-PSK-CCMP]"}, Case{{1}, "[WPA2-EAP-CCMP]"},
                                           Case{{8}, "[WPA3-SAE-CCMP]"}, Case{{18}, "[WPA3-OWE-CCMP]"},
                                           Case{{2, 8}, "[WPA2-PSK-CCMP][WPA3-SAE-CCMP]"},
                                           Case{{2, 6}, "[WPA2-PSK-CCMP]"},
                                           Case{{2, 4}, "[WPA2-PSK+FT/PSK-CCMP]"},
                                           Case{{12}, "[WPA3-EAP-SUITE-B-192-CCMP]"},
                                           Case{{99}, "[WPA2-UNKNOWN-CCMP]"}));

TEST(Security, ReadsTheOlderVendorElement) {
    const Buffer wpa = {1, 0, 0, 0x50, 0xf2, 2, 1, 0, 0, 0x50, 0xf2, 2, 1, 0, 0, 0x50, 0xf2, 2};
    EXPECT_EQ(securityText(wpa, true), "[WPA-PSK-TKIP]");
}

TEST(Security, IsEmptyWhenTheListsClaimMoreThanThereIs) {
    const Buffer whole = rsnBody({2});
    for (std::size_t cut = 0; cut < whole.size() - 2; ++cut)
        EXPECT_EQ(securityText(Buffer(whole.begin(), whole.begin() + static_cast<long>(cut)), false), "")
            << cut;
    Buffer greedy = whole;
    greedy[6] = 0xff;
    greedy[7] = 0xff;
    EXPECT_EQ(securityText(greedy, false), "");
}

} // namespace
} // namespace stinky::scan
