#include <gtest/gtest.h>

#include "view/secrets.h"

namespace stinky::view {
namespace {

TEST(IsSecretName, KnowsTheNamesOfWhatIsToBeKept) {
    for (const char* name :
         {"TAK_TLS_PASSWORD_FILE", "token", "my_api_key", "WPA_PSK", "clientSecret", "passphrase"})
        EXPECT_TRUE(isSecretName(name)) << name;
    for (const char* name : {"", "TAK_OUTPUTS", "RADIO", "pass", "key"})
        EXPECT_FALSE(isSecretName(name)) << name;
}

TEST(WithoutLogins, TakesThemOutOfEachUrl) {
    EXPECT_EQ(withoutLogins("tls://user:secret@host:1 udp://10.0.0.9:2"),
              "tls://***@host:1 udp://10.0.0.9:2");
    EXPECT_EQ(withoutLogins("tls://u:p@ss@host:1"), "tls://***@host:1");
    EXPECT_EQ(withoutLogins("[\"tls://u@a:1\",\"tls://v@b:1\"]"), "[\"tls://***@a:1\",\"tls://***@b:1\"]");
    for (const char* same :
         {"", " ", "a@b", "x://", "udp+multicast://239.2.3.1:6969", "me@here tls://a:1", "a  b\n"})
        EXPECT_EQ(withoutLogins(same), same);
}

} // namespace
} // namespace stinky::view
