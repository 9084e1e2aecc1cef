#include "common/error.h"
#include "tak/outputs/output_url.h"
#include "tak/outputs/tls.h"
#include "tak/outputs/udp_output.h"
#include "tak/token_bucket.h"

#include <gmock/gmock.h>

#include <cstring>
#include <functional>

#include "udp_receiver.h"

namespace stinky::tak {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(OutputUrl, TakesEveryKind) {
    EXPECT_EQ(OutputUrl::parse("udp://192.168.1.20:6969").scheme, OutputUrl::Scheme::udp);
    EXPECT_EQ(OutputUrl::parse("udp+multicast://239.2.3.1:6969").scheme, OutputUrl::Scheme::multicast);
    EXPECT_EQ(OutputUrl::parse("tcp://[fd00::1]:8087").host, "fd00::1");
    const OutputUrl tls = OutputUrl::parse("tls://tak.example:8089?name=takserver&ca=/etc/ca.pem");
    EXPECT_EQ(tls.host, "tak.example");
    EXPECT_EQ(tls.port, 8089);
    EXPECT_EQ(tls.option("name"), "takserver");
    EXPECT_EQ(tls.option("pin", "none"), "none");
    EXPECT_EQ(OutputUrl::parse("udp+multicast://239.2.3.1:6969?ttl=4&interface=wlan0").option("ttl"), "4");
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
    EXPECT_THAT(why("239.2.3.1:6969"), HasSubstr("expected udp+multicast://"));
    EXPECT_THAT(why("http://1.2.3.4:80"), HasSubstr("expected udp+multicast://"));
    EXPECT_THAT(why("udp://1.2.3.4"), HasSubstr("expected a port"));
    EXPECT_THAT(why("udp://1.2.3.4:0"), HasSubstr("expected a port"));
    EXPECT_THAT(why("udp://1.2.3.4:70000"), HasSubstr("expected a port"));
    EXPECT_THAT(why("udp://1.2.3.4:69x"), HasSubstr("expected a port"));
    EXPECT_THAT(why("tcp://:8087"), HasSubstr("expected a host"));
    EXPECT_THAT(why("tcp://user@host:8087"), HasSubstr("expected a host"));
    EXPECT_THAT(why("tcp://fd00::1:8087"), HasSubstr("in brackets"));
    EXPECT_THAT(why("udp://239.2.3.1:6969"), HasSubstr("needs udp+multicast://"));
    EXPECT_THAT(why("udp+multicast://10.0.0.1:6969"), HasSubstr("not a multicast group"));
    EXPECT_THAT(why("udp+multicast://239.2.3.1:6969?ttl=300"), HasSubstr("ttl from 0 to 255"));
    EXPECT_THAT(why("tcp://host:1?verify=no"), HasSubstr("no such option here: verify"));
    EXPECT_THAT(why("tls://host:1?name="), HasSubstr("expected a value after name="));
    EXPECT_THAT(why("tls://host:1?pin=sha256:00"), HasSubstr("64 hexadecimal digits"));
}

TEST(TlsSettings, OfTheUrlComeBeforeThoseOfTheFile) {
    TlsSettings defaults;
    defaults.ca = "/ca";
    defaults.certificate = "/cert";
    defaults.key = "/key";
    const TlsSettings plain = tlsSettings(OutputUrl::parse("tls://tak.example:8089"), defaults);
    EXPECT_EQ(plain.name, "tak.example");
    EXPECT_EQ(plain.key, "/key");
    const TlsSettings own =
        tlsSettings(OutputUrl::parse("tls://1.2.3.4:8089?name=tak&cert=/mine"), defaults);
    EXPECT_EQ(own.name, "tak");
    EXPECT_EQ(own.certificate, "/mine");
    EXPECT_EQ(own.key, "") << "the other certificate's key is not this one's";
    EXPECT_EQ(own.ca, "/ca");
}

TEST(TokenBucket, LetsARateThroughAndABurstAfterAPause) {
    TokenBucket bucket(10);
    EXPECT_EQ(bucket.available(0), 10U);
    bucket.take(10);
    EXPECT_EQ(bucket.available(0), 0U);
    EXPECT_NEAR(bucket.wait(), 0.1, 1e-9);
    EXPECT_EQ(bucket.available(0.55), 5U);
    bucket.take(5);
    EXPECT_EQ(bucket.available(100), 10U);
    EXPECT_EQ(bucket.available(99), 10U) << "a clock that goes back gives and takes nothing";
    TokenBucket open(0);
    EXPECT_GT(open.available(0), 1000000U);
    EXPECT_EQ(open.wait(), 0);
}

class SendingUdp : public ::testing::Test {
protected:
    std::unique_ptr<UdpOutput> output(const std::string& url) {
        return std::make_unique<UdpOutput>(
            loop_, OutputUrl::parse(url),
            BackoffRules{std::chrono::milliseconds(10), std::chrono::milliseconds(50), 0},
            OutputEvents{[this] { ++ready_; }, [this] { ++fresh_; },
                         [] {
                         }});
    }

    static bool send(Output& output, const std::string& event) {
        const std::span<char> space = output.space();
        if (space.size() < event.size())
            return false;
        std::memcpy(space.data(), event.data(), event.size());
        output.commit(event.size());
        output.flush();
        return true;
    }

    void turnUntil(const std::function<bool()>& done) {
        while (!done())
            ASSERT_TRUE(loop_.runOnce(std::chrono::seconds(15))) << "nothing happened";
    }

    EventLoop loop_;
    int ready_ = 0;
    int fresh_ = 0;
};

TEST_F(SendingUdp, SendsOneDatagramForEachEvent) {
    test::UdpReceiver receiver;
    const auto udp = output(receiver.url());
    EXPECT_TRUE(send(*udp, "<event/>"));
    EXPECT_TRUE(send(*udp, "<other/>"));
    EXPECT_EQ(receiver.receive(), "<event/>");
    EXPECT_EQ(receiver.receive(), "<other/>");
    EXPECT_EQ(udp->status().sent, 2U);
    EXPECT_TRUE(udp->status().up);
    EXPECT_TRUE(udp->drained());
}

TEST_F(SendingUdp, SendsManyAtOnceInTheirOrder) {
    test::UdpReceiver receiver;
    const auto udp = output(receiver.url());
    for (int i = 0; i < 100; ++i) {
        const std::string event = std::to_string(i);
        const std::span<char> space = udp->space();
        ASSERT_FALSE(space.empty());
        std::memcpy(space.data(), event.data(), event.size());
        udp->commit(event.size());
    }
    udp->flush();
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(receiver.receive(), std::to_string(i));
}

TEST_F(SendingUdp, SaysThatNobodyListensAndGoesOn) {
    std::string url;
    {
        const test::UdpReceiver gone;
        url = gone.url();
    }
    const auto udp = output(url);
    send(*udp, "<event/>");
    send(*udp, "<event/>");
    EXPECT_THAT(udp->status().problem, HasSubstr("nobody listens there"));
    EXPECT_FALSE(udp->space().empty());
}

TEST_F(SendingUdp, FindsAHostByItsNameWithoutKeepingAnyoneWaiting) {
    test::UdpReceiver receiver;
    std::string url = receiver.url();
    url.replace(url.find("127.0.0.1"), 9, "localhost");
    const auto udp = output(url);
    EXPECT_TRUE(udp->space().empty()) << "the name is being looked for";
    turnUntil([&] { return ready_ > 0; });
    EXPECT_TRUE(send(*udp, "<event/>"));
}

TEST_F(SendingUdp, TakesANameThatNobodyKnowsForAStateAndTriesAgain) {
    const auto udp = output("udp://no-such-host.invalid:6969");
    turnUntil([&] { return !udp->status().problem.empty(); });
    EXPECT_THAT(udp->status().problem, HasSubstr("find the address of no-such-host.invalid"));
    EXPECT_TRUE(udp->space().empty());
    EXPECT_TRUE(loop_.runOnce(std::chrono::seconds(5))) << "the next try";
}

} // namespace
} // namespace stinky::tak
