#include "web/access.h"

#include <gmock/gmock.h>

namespace stinky::web {
namespace {

// What takes days and minutes, or hundreds of clients; who may what is shown over HTTP by web.access.

constexpr double day = 24 * 3600.0;

class AccessTest : public testing::Test {
protected:
    AccessTest() { access.setToken("right"); }

    static Request from(const std::string& address) {
        Request request;
        request.peer = Address::parse(address);
        return request;
    }

    /// The status of the login; the cookie is kept.
    unsigned logIn(const Request& request, const char* token, double now) {
        const auto refusal = access.logIn(request, token, now, cookie);
        return refusal ? refusal->status : 200;
    }

    /// The status of a read with this cookie.
    unsigned read(const std::string& setCookie, double now) {
        Request request = from("10.0.0.1");
        request.headers.cookie = setCookie.substr(0, setCookie.find(';'));
        const auto refusal = access.check(request, Need::read, false, now);
        return refusal ? refusal->status : 200;
    }

    Access access{AccessRules()};
    std::string cookie;
};

TEST_F(AccessTest, ASessionEndsAfterAWeek) {
    ASSERT_EQ(logIn(from("10.0.0.1"), "right", 100), 200U);
    EXPECT_EQ(read(cookie, 100 + 7 * day - 1), 200U);
    EXPECT_EQ(read(cookie, 100 + 7 * day), 401U);
    // Also by a clock that is asked again: it is gone.
    EXPECT_EQ(read(cookie, 100), 401U);
}

TEST_F(AccessTest, TheOldestSessionMakesRoomForTheSixtyFifth) {
    ASSERT_EQ(logIn(from("10.0.0.1"), "right", 1), 200U);
    const std::string first = cookie;
    ASSERT_EQ(logIn(from("10.0.0.1"), "right", 2), 200U);
    const std::string second = cookie;
    for (int i = 0; i < 63; ++i)
        ASSERT_EQ(logIn(from("10.0.0.1"), "right", 3 + i), 200U);
    EXPECT_EQ(read(first, 100), 401U);
    EXPECT_EQ(read(second, 100), 200U);
}

TEST_F(AccessTest, WrongTokensAreForgivenAMinuteAfterTheFirst) {
    const Request request = from("10.0.0.1");
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(logIn(request, "wrong", 100 + i), 401U);
    EXPECT_EQ(logIn(request, "right", 130), 429U);
    const auto refusal = access.logIn(request, "right", 130, cookie);
    EXPECT_EQ(refusal->retryAfter, 30U);
    EXPECT_EQ(logIn(from("10.0.0.2"), "right", 130), 200U) << "another address is not to blame";
    EXPECT_EQ(logIn(request, "right", 160), 200U);
}

TEST_F(AccessTest, AFloodFromManyAddressesForgetsTheOldestAndNotTheLast) {
    for (int i = 0; i < 5; ++i) {
        logIn(from("10.0.0.1"), "wrong", 100);
        logIn(from("10.0.0.2"), "wrong", 101);
    }
    for (int i = 0; i < 255; ++i)
        logIn(from("10.0.1." + std::to_string(i)), "wrong", 102);
    EXPECT_EQ(logIn(from("10.0.0.1"), "right", 103), 200U);
    EXPECT_EQ(logIn(from("10.0.0.2"), "right", 103), 429U);
}

} // namespace
} // namespace stinky::web
