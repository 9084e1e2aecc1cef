#include "common/config.h"
#include "ctl/check_config.h"

#include <gtest/gtest.h>

namespace stinky::ctl {
namespace {

TEST(CheckConfig, SaysTheLineAndWhatMayHaveBeenMeant) {
    const auto findings = checkConfig("# comment\n"
                                      "RADIOO=wlan1\n"
                                      "RADIO=wlan1\n"
                                      "on_failure=stop\n"
                                      "ON_FAILURE=stopp\n"
                                      "GPS_WAIT=soon\n"
                                      "GPS_TIME=ja\n"
                                      "nonsense\n"
                                      "WHATEVER=1");
    ASSERT_EQ(findings.size(), 7u);
    EXPECT_EQ(findings[0].line, 2);
    EXPECT_EQ(findings[0].text, "RADIOO=wlan1");
    EXPECT_EQ(findings[0].suggestion, "RADIO=wlan1");
    EXPECT_EQ(findings[1].line, 4);
    EXPECT_EQ(findings[1].suggestion, "ON_FAILURE=stop");
    EXPECT_EQ(findings[2].suggestion, "ON_FAILURE=stop");
    EXPECT_EQ(findings[3].suggestion, "GPS_WAIT=5") << "the default where no word is near";
    EXPECT_EQ(findings[4].suggestion, "GPS_TIME=no");
    EXPECT_EQ(findings[5].suggestion, "KEY=VALUE, or # before a comment");
    EXPECT_EQ(findings[6].suggestion, "") << "no guess is better than a bad one";
}

TEST(CheckConfig, HasNothingToSayOfGoodText) {
    EXPECT_TRUE(checkConfig("").empty());
    EXPECT_TRUE(checkConfig("# x\nRADIO=wlan0\nSCANNER=\"none\"\n").empty());
}

TEST(NearestKey, FindsEachKeyWithALetterGone) {
    for (const ConfigKey& key : configKeys())
        EXPECT_EQ(nearestKey(std::string(key.name).substr(1)), key.name);
}

TEST(CheckConfig, HostileTextIsShownSafely) {
    const auto findings = checkConfig("\x1b[31mX=1\nRADIO=\xff\xfe\n");
    ASSERT_EQ(findings.size(), 2u);
    for (const ConfigFinding& finding : findings)
        EXPECT_EQ((finding.text + finding.message + finding.suggestion).find('\x1b'), std::string::npos);
}

} // namespace
} // namespace stinky::ctl
