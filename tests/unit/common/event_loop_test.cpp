#include "common/error.h"
#include "common/event_loop.h"
#include "common/fd.h"

#include <gtest/gtest.h>

#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

#include "temporary_directory.h"

namespace stinky {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Pipe {
    Fd reader;
    Fd writer;

    Pipe() {
        int fds[2] = {-1, -1};
        if (pipe(fds) < 0)
            throw Error::fromErrno("make", "pipe", errno);
        reader = Fd(fds[0]);
        writer = Fd(fds[1]);
    }
};

TEST(EventLoop, CallsBackWhenADescriptorIsReadable) {
    EventLoop loop;
    const Pipe pipe;
    int calls = 0;
    const EventSource source = loop.addIo(pipe.reader.get(), EPOLLIN, "pipe", [&](std::uint32_t) {
        ++calls;
        loop.exit(7);
    });
    EXPECT_FALSE(loop.runOnce(microseconds(0)));
    ASSERT_EQ(write(pipe.writer.get(), "x", 1), 1);
    EXPECT_EQ(loop.run(), 7);
    EXPECT_EQ(calls, 1);
}

TEST(EventLoop, ForgetsASourceThatWasReset) {
    EventLoop loop;
    const Pipe pipe;
    int calls = 0;
    EventSource source = loop.addIo(pipe.reader.get(), EPOLLIN, "pipe", [&](std::uint32_t) { ++calls; });
    ASSERT_EQ(write(pipe.writer.get(), "x", 1), 1);
    source.reset();
    EXPECT_FALSE(source.active());
    EXPECT_FALSE(loop.runOnce(microseconds(0)));
    EXPECT_EQ(calls, 0);
}

TEST(EventLoop, SurvivesACallbackThatDropsItsOwnSource) {
    EventLoop loop;
    const Pipe pipe;
    EventSource source;
    source = loop.addIo(pipe.reader.get(), EPOLLIN, "pipe", [&](std::uint32_t) {
        source.reset();
        loop.exit(0);
    });
    ASSERT_EQ(write(pipe.writer.get(), "x", 1), 1);
    EXPECT_EQ(loop.run(), 0);
}

TEST(EventLoop, LetsAnExceptionOutOfRunAndNotIntoC) {
    EventLoop loop;
    Timer timer = loop.addTimer(microseconds(1), "bang", [] { throw std::runtime_error("bang"); });
    timer.arm(microseconds(0));
    EXPECT_THROW(loop.run(), std::runtime_error);
}

TEST(Timer, FiresOnceForEachArmingAndNotWhenDisarmed) {
    EventLoop loop;
    int fired = 0;
    Timer timer = loop.addTimer(microseconds(1), "timer", [&] { ++fired; });
    EXPECT_FALSE(loop.runOnce(milliseconds(5)));
    timer.arm(microseconds(0));
    EXPECT_TRUE(loop.runOnce(seconds(5)));
    EXPECT_FALSE(loop.runOnce(milliseconds(5)));
    timer.arm(microseconds(0));
    timer.disarm();
    EXPECT_FALSE(loop.runOnce(milliseconds(5)));
    EXPECT_EQ(fired, 1);
}

TEST(EventLoop, SeesAFileThatIsMade) {
    const test::TemporaryDirectory directory;
    EventLoop loop;
    std::string seen;
    const EventSource source = loop.addInotify(directory.path(), IN_CREATE, [&](const inotify_event& event) {
        seen = event.name;
        loop.exit(0);
    });
    std::ofstream(directory / "new.json") << "{}";
    EXPECT_EQ(loop.run(), 0);
    EXPECT_EQ(seen, "new.json");
}

TEST(EventLoop, SaysWhichDirectoryCannotBeWatched) {
    EventLoop loop;
    try {
        const EventSource source = loop.addInotify("/nowhere", IN_CREATE, [](const inotify_event&) {});
        FAIL() << "no exception";
    } catch (const Error& e) {
        EXPECT_STREQ(e.what(), "watch /nowhere: No such file or directory");
    }
}

TEST(EventLoop, EndsWithZeroOnSigterm) {
    EventLoop loop;
    loop.exitOnSignals();
    ASSERT_EQ(raise(SIGTERM), 0);
    EXPECT_EQ(loop.run(), 0);
}

} // namespace
} // namespace stinky
