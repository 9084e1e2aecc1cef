#include "common/error.h"
#include "common/part_status.h"
#include "web/http_server.h"
#include "web/loopback.h"

#include <gmock/gmock.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "turn_until.h"

namespace stinky::web {
namespace {

constexpr std::size_t bodySize = std::size_t{16} << 20U;

/// A server whose every answer is 16 MiB, and one client of it.
class SlowReaderTest : public ::testing::Test {
protected:
    SlowReaderTest() {
        ServerLimits limits;
        limits.request = limits.answer = std::chrono::milliseconds(200);
        // 4 s for all of it: a build with sanitizers on a busy host reads slowly too.
        limits.leastRate = 4e6;
        // It is not libmicrohttpd that cuts: a byte that is taken opens no window, and the client looks idle
        // to it.
        limits.idle = std::chrono::seconds(300);
        server = std::make_unique<HttpServer>(
            loop, listenOnLoopback(address), limits, nullptr,
            [](const Request&) { return Response::of(200, "text/plain", std::string(bodySize, 'x')); },
            [](const Request&, Response&) {}, [](const std::string&) {});
        client = connectTo(address);
        constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        EXPECT_EQ(send(client.get(), request.data(), request.size(), 0),
                  static_cast<ssize_t>(request.size()));
    }

    /// Reads what is there, at most `most` bytes; false when the server has closed.
    bool take(std::size_t most) {
        const ssize_t length =
            recv(client.get(), buffer.data(), std::min(most, buffer.size()), MSG_DONTWAIT);
        if (length > 0)
            taken += static_cast<std::size_t>(length);
        return length > 0 || (length < 0 && errno == EAGAIN);
    }

    EventLoop loop;
    sockaddr_in address = {};
    std::unique_ptr<HttpServer> server;
    Fd client;
    std::array<char, 65536> buffer = {};
    std::size_t taken = 0;
};

TEST_F(SlowReaderTest, IsCutAlsoWhenItIsNeverIdle) {
    const double end = monotonicSeconds() + 60;
    while (server->connections() == 0 && monotonicSeconds() < end)
        loop.runOnce(std::chrono::milliseconds(10));
    // A byte now and then.
    while (server->connections() > 0 && monotonicSeconds() < end) {
        take(1);
        loop.runOnce(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(server->connections(), 0U);
    EXPECT_LT(taken, bodySize);
}

TEST_F(SlowReaderTest, OneThatReadsGetsAllOfIt) {
    const double end = monotonicSeconds() + 60;
    while (taken < bodySize && monotonicSeconds() < end && take(buffer.size()))
        loop.runOnce(std::chrono::microseconds(0));
    EXPECT_GT(taken, bodySize);
}

/// A server that has room for one of its answers.
class FullServerTest : public ::testing::Test {
protected:
    FullServerTest() {
        ServerLimits limits;
        limits.texts = bodySize * 3 / 2;
        server = std::make_unique<HttpServer>(
            loop, listenOnLoopback(address), limits, nullptr,
            [](const Request& request) {
                return Response::of(200, "text/plain",
                                    std::string(request.path == "/small" ? 10 : bodySize, 'x'));
            },
            [](const Request&, Response&) {}, [](const std::string&) {});
    }

    Fd ask(const std::string& path) {
        Fd client = connectTo(address);
        const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        EXPECT_EQ(send(client.get(), request.data(), request.size(), 0),
                  static_cast<ssize_t>(request.size()));
        return client;
    }

    /// The first bytes of the answer; nothing more is taken.
    std::string statusLine(const Fd& client) {
        std::array<char, 12> line = {};
        EXPECT_TRUE(test::turnUntil(loop, [&] {
            return recv(client.get(), line.data(), line.size(), MSG_DONTWAIT | MSG_PEEK) ==
                   static_cast<ssize_t>(line.size());
        }));
        return {line.data(), line.size()};
    }

    EventLoop loop;
    sockaddr_in address = {};
    std::unique_ptr<HttpServer> server;
};

TEST_F(FullServerTest, HoldsABoundedAmountForThoseWhoDoNotRead) {
    Fd deaf = ask("/");
    EXPECT_EQ(statusLine(deaf), "HTTP/1.1 200");
    EXPECT_EQ(statusLine(ask("/")), "HTTP/1.1 503");
    EXPECT_EQ(statusLine(ask("/small")), "HTTP/1.1 200");
    deaf.reset();
    EXPECT_TRUE(test::turnUntil(loop, [&] { return server->connections() == 0; }));
    EXPECT_EQ(statusLine(ask("/")), "HTTP/1.1 200");
}

} // namespace
} // namespace stinky::web
