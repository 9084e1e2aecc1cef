#include "common/mac_address.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <string>

namespace stinky {
namespace {

TEST(MacAddress, ReadsBothCasesAndWritesLowerCase) {
    const auto mac = MacAddress::parse("02:Ab:cD:00:FF:09");
    ASSERT_TRUE(mac);
    EXPECT_EQ(mac->toString(), "02:ab:cd:00:ff:09");
    EXPECT_EQ(mac->toHex(), "02abcd00ff09");
}

TEST(MacAddress, RefusesEverythingElse) {
    for (const char* text :
         {"", "02:ab:cd:00:ff", "02:ab:cd:00:ff:0", "02:ab:cd:00:ff:099", "02-ab-cd-00-ff-09",
          "g2:ab:cd:00:ff:09", "02:ab:cd:00:ff:0 ", "02ab:cd:00:ff:09:"})
        EXPECT_FALSE(MacAddress::parse(text)) << text;
}

TEST(MacAddress, TakesAtEachPlaceWhatBelongsThere) {
    const std::string good = "02:ab:CD:3f:E4:95";
    for (std::size_t at = 0; at < good.size(); ++at) {
        for (int c = 0; c < 256; ++c) {
            std::string text = good;
            text[at] = static_cast<char>(c);
            const auto mac = MacAddress::parse(text);
            const bool colon = at % 3 == 2;
            ASSERT_EQ(mac.has_value(), colon ? c == ':' : c < 128 && std::isxdigit(c) != 0)
                << at << " " << c;
            if (!mac)
                continue;
            std::transform(text.begin(), text.end(), text.begin(), [](char l) { return std::tolower(l); });
            EXPECT_EQ(mac->toString(), text);
        }
    }
}

TEST(MacAddress, KnowsMadeUpAndGroupAddresses) {
    EXPECT_TRUE(MacAddress::parse("06:aa:bb:cc:dd:ee")->locallyAdministered());
    EXPECT_FALSE(MacAddress::parse("00:aa:bb:cc:dd:ee")->locallyAdministered());
    EXPECT_TRUE(MacAddress::parse("ff:ff:ff:ff:ff:ff")->multicast());
}

} // namespace
} // namespace stinky
