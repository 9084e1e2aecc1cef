#include "ctl/kismet.h"

#include <gmock/gmock.h>

namespace stinky::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string shown(const std::string& config) {
    return renderKismet(kismetPage(Config::parse(config), "stinky:0f3a:b\n", "pi"), "pi");
}

TEST(RenderKismet, ShowsAddressAndLogin) {
    EXPECT_THAT(shown(""),
                HasSubstr("Address   http://127.0.0.1:2501/\nUser      stinky\nPassword  0f3a:b\n"));
    EXPECT_THAT(shown(""), HasSubstr("ssh -L 2501:127.0.0.1:2501 pi"));
}

TEST(RenderKismet, NamesTheMachineWhenItIsOpenToAll) {
    EXPECT_THAT(shown("KISMET_LISTEN=0.0.0.0:2600"), HasSubstr("http://pi:2600/\n"));
    EXPECT_THAT(shown("KISMET_LISTEN=0.0.0.0:2600"), Not(HasSubstr("ssh")));
    EXPECT_THAT(shown("KISMET_LISTEN=10.0.0.5:2501"), HasSubstr("http://10.0.0.5:2501/\n"));
}

} // namespace
} // namespace stinky::ctl
