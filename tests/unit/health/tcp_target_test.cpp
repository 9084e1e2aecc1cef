#include "health/check.h"

#include <gtest/gtest.h>

namespace stinky::health {
namespace {

TEST(TcpTarget, IsReadFromItsName) {
    EXPECT_EQ(parseTcpTarget("tcp:127.0.0.1:8000"), (TcpTarget{"127.0.0.1", "8000"}));
    EXPECT_EQ(parseTcpTarget("tcp:[::1]:80"), (TcpTarget{"::1", "80"}));
    for (const char* bad : {"tcp:", "tcp::80", "tcp:host", "tcp:host:", "tcp:host:0", "tcp:host:65536",
                            "tcp:host:8x", "udp:host:80", ""})
        EXPECT_EQ(parseTcpTarget(bad), std::nullopt) << bad;
}

} // namespace
} // namespace stinky::health
