#include "common/part_status.h"
#include "web/listener.h"
#include "web/loopback.h"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "turn_until.h"

namespace stinky::web {
namespace {

constexpr std::size_t most = 3;

class ListenerTest : public testing::Test {
protected:
    ListenerTest()
        : listener(
              loop, listenOnLoopback(address), most, std::chrono::seconds(1),
              [this](Arrival arrival) { spoken.push_back(std::move(arrival)); }, [this] { return others; },
              [this](const std::string& text) { complaints.push_back(text); }) {}

    void TearDown() override { EXPECT_EQ(complaints, complaintsExpected); }

    Fd come() { return connectTo(address); }

    static void say(const Fd& client) { EXPECT_EQ(send(client.get(), "G", 1, 0), 1); }

    /// True when the other side has closed.
    static bool closed(const Fd& client) {
        char byte = 0;
        const ssize_t length = recv(client.get(), &byte, 1, MSG_DONTWAIT);
        return length == 0 || (length < 0 && errno == ECONNRESET);
    }

    bool until(const std::function<bool()>& done) { return test::turnUntil(loop, done); }

    EventLoop loop;
    sockaddr_in address = {};
    std::size_t others = 0;
    std::vector<Arrival> spoken;
    std::vector<std::string> complaints;
    std::vector<std::string> complaintsExpected;
    Listener listener;
};

TEST_F(ListenerTest, OneIsHandedOutWithItsFirstByteAndNotBefore) {
    const Fd silent = come();
    const Fd client = come();
    ASSERT_TRUE(until([&] { return listener.silent() == 2; }));
    EXPECT_TRUE(spoken.empty());
    say(client);
    ASSERT_TRUE(until([&] { return !spoken.empty(); }));
    EXPECT_EQ(listener.silent(), 1U);
    sockaddr_in own = {};
    socklen_t size = sizeof own;
    ASSERT_EQ(getsockname(client.get(), reinterpret_cast<sockaddr*>(&own), &size),
              0); // NOLINT: as sockets are
    ASSERT_EQ(spoken[0].addressSize, size);
    EXPECT_EQ(reinterpret_cast<const sockaddr_in&>(spoken[0].address).sin_port, own.sin_port); // NOLINT: too
    char byte = 0;
    EXPECT_EQ(recv(spoken[0].fd.get(), &byte, 1, 0), 1) << "nothing of it was read";
    EXPECT_EQ(byte, 'G');
}

TEST_F(ListenerTest, OneThatGoesWithoutAWordIsHandedOutToo) {
    come();
    ASSERT_TRUE(until([&] { return !spoken.empty(); }));
    EXPECT_EQ(listener.silent(), 0U);
}

TEST_F(ListenerTest, TheOneThatIsSilentForLongestMakesRoom) {
    std::vector<Fd> clients;
    for (std::size_t i = 0; i < most; ++i) {
        clients.push_back(come());
        ASSERT_TRUE(until([&] { return listener.silent() == i + 1; }));
    }
    const Fd next = come();
    ASSERT_TRUE(until([&] { return closed(clients[0]); }));
    EXPECT_EQ(listener.silent(), most);
    EXPECT_FALSE(closed(clients[1]));
    say(next);
    EXPECT_TRUE(until([&] { return !spoken.empty(); }));
}

TEST_F(ListenerTest, OneThatIsSilentForTooLongIsClosed) {
    const Fd client = come();
    ASSERT_TRUE(until([&] { return listener.silent() == 1; }));
    const double begin = monotonicSeconds();
    EXPECT_TRUE(until([&] { return closed(client); }));
    EXPECT_GT(monotonicSeconds() - begin, 0.5);
    EXPECT_EQ(listener.silent(), 0U);
}

TEST_F(ListenerTest, WhoComesWhenAllAreAtWorkWaitsUntilOneHasGone) {
    others = most;
    const Fd client = come();
    say(client);
    // It is seen, and left to the kernel.
    for (int turn = 0; turn < 10; ++turn)
        loop.runOnce(std::chrono::milliseconds(10));
    EXPECT_TRUE(spoken.empty());
    EXPECT_EQ(listener.silent(), 0U);
    --others;
    listener.makeRoom();
    EXPECT_TRUE(until([&] { return !spoken.empty(); }));
}

/// While it lives, this process can open no further file.
class NoFilesLeft {
public:
    NoFilesLeft() {
        EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &before_), 0);
        // The lowest free number is the next one that open(2) and accept(2) would give.
        const Fd next(dup(STDIN_FILENO));
        rlimit none = before_;
        none.rlim_cur = static_cast<rlim_t>(next.get());
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    }

    NoFilesLeft(const NoFilesLeft&) = delete;
    NoFilesLeft& operator=(const NoFilesLeft&) = delete;

    ~NoFilesLeft() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }

private:
    rlimit before_ = {};
};

TEST_F(ListenerTest, WhatFailsIsSaidOnceAndTriedAgain) {
    complaintsExpected = {"cannot take a connection: Too many open files"};
    const Fd client = come();
    say(client);
    {
        const NoFilesLeft none;
        ASSERT_TRUE(until([&] { return !complaints.empty(); }));
        // It would be asked again in each of these turns.
        for (int turn = 0; turn < 10; ++turn)
            loop.runOnce(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(spoken.empty());
    EXPECT_TRUE(until([&] { return !spoken.empty(); }));
}

} // namespace
} // namespace stinky::web
