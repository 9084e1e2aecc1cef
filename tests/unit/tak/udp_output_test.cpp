#include "common/error.h"
#include "tak/udp_output.h"

#include <gmock/gmock.h>

#include "udp_receiver.h"

namespace stinky::tak {
namespace {

using ::testing::HasSubstr;

TEST(OutputUrl, TakesUnicastAndMulticast) {
    EXPECT_FALSE(OutputUrl::parse("udp://192.168.1.20:6969").multicast);
    EXPECT_TRUE(OutputUrl::parse("udp+multicast://239.2.3.1:6969").multicast);
}

TEST(OutputUrl, SaysWhatIsWrong) {
    const auto why = [](const char* url) -> std::string {
        try {
            OutputUrl::parse(url);
            return "taken";
        } catch (const Error& e) {
            return e.what();
        }
    };
    EXPECT_THAT(why("239.2.3.1:6969"), HasSubstr("expected udp://"));
    EXPECT_THAT(why("udp://1.2.3.4"), HasSubstr("expected a port"));
    EXPECT_THAT(why("udp://1.2.3.4:0"), HasSubstr("expected a port"));
    EXPECT_THAT(why("udp://1.2.3.4:70000"), HasSubstr("expected a port"));
    EXPECT_THAT(why("udp://1.2.3.4:69x"), HasSubstr("expected a port"));
    EXPECT_THAT(why("udp://tak.example:6969"), HasSubstr("expected an IPv4 address"));
    EXPECT_THAT(why("udp://239.2.3.1:6969"), HasSubstr("needs udp+multicast://"));
    EXPECT_THAT(why("udp+multicast://10.0.0.1:6969"), HasSubstr("not a multicast group"));
}

TEST(UdpOutput, SendsOneDatagramForEachEvent) {
    test::UdpReceiver receiver;
    UdpOutput output(OutputUrl::parse(receiver.url()));
    EXPECT_TRUE(output.send("<event/>"));
    EXPECT_TRUE(output.send("<other/>"));
    EXPECT_EQ(receiver.receive(), "<event/>");
    EXPECT_EQ(receiver.receive(), "<other/>");
    EXPECT_EQ(output.sent(), 2U);
    EXPECT_EQ(output.problem(), "");
}

TEST(UdpOutput, CountsAndTellsWhatCannotBeSentAndGoesOn) {
    test::UdpReceiver receiver;
    UdpOutput output(OutputUrl::parse(receiver.url()));
    EXPECT_FALSE(output.send(std::string(70000, 'x')));
    EXPECT_EQ(output.failed(), 1U);
    EXPECT_THAT(output.problem(), HasSubstr("Message too long"));
    EXPECT_TRUE(output.send("<event/>"));
    EXPECT_EQ(output.problem(), "");
}

} // namespace
} // namespace stinky::tak
