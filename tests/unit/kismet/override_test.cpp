#include "kismet/lint.h"
#include "kismet/override.h"

#include <gmock/gmock.h>

namespace stinky::kismet {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string text(const std::string& config, const std::string& user = "") {
    return overrideText(Config::parse(config),
                        {"wlan2", MacAddress{{2, 0, 0, 0, 2, 0xab}}, "/captures", "stinky", "secret"}, user);
}

TEST(Override, SaysEverythingThatOursNeeds) {
    const std::string written = text("");
    EXPECT_THAT(lint(written), IsEmpty());
    for (const char* line :
         {"source=wlan2:name=stinky-wlan2,type=linuxwifi,uuid=53544E4B-0000-4000-8000-0200000002AB,"
          "retry=true\n",
          "gps=gpsd:host=127.0.0.1,port=2947,name=stinky,reconnect=true\n", "log_prefix=/captures\n",
          "log_types=wiglecsv\n", "httpd_bind_address=127.0.0.1\n", "httpd_port=2501\n",
          "httpd_username=stinky\n", "httpd_password=secret\n", "wigle_log_throttle=5\n",
          "remote_capture_enabled=false\n", "channel_hop_speed=5/sec\n"})
        EXPECT_THAT(written, HasSubstr(line));
    EXPECT_EQ(text(""), written) << "the same at each start";
}

TEST(Override, FollowsTheSettings) {
    const std::string written =
        text("CHANNELS=1 6 "
             "11\nCHANNEL_DWELL_MS=2000\nKISMET_LISTEN=0.0.0.0:2600\nGPSD=127.0.0.2:3000\nWIGLE_THROTTLE=9");
    EXPECT_THAT(lint(written), IsEmpty());
    EXPECT_THAT(written, HasSubstr(",channels=\"1,6,11\"\n"));
    EXPECT_THAT(written, HasSubstr("channel_hop_speed=30/min\n"));
    EXPECT_THAT(written, HasSubstr("httpd_bind_address=0.0.0.0\nhttpd_port=2600\n"));
    EXPECT_THAT(written, HasSubstr("gps=gpsd:host=127.0.0.2,port=3000,"));
    EXPECT_THAT(written, HasSubstr("wigle_log_throttle=9\n"));
}

TEST(Override, LetsTheUsersSettingStandInPlaceOfOurs) {
    const std::string written = text("", "# mine\nlog_title=mine\nlog_types+=kismet\nserver_name=x\n");
    EXPECT_THAT(written, HasSubstr("log_title=mine\n"));
    EXPECT_THAT(written, Not(HasSubstr("log_title=stinky")));
    EXPECT_THAT(written, HasSubstr("log_types=wiglecsv\n"));
    EXPECT_THAT(written, HasSubstr("log_types+=kismet\n"));
    EXPECT_THAT(written, HasSubstr("server_name=x\n"));
}

} // namespace
} // namespace stinky::kismet
