#include "gps/probe_session.h"

#include "common/event_loop.h"

#include <sys/epoll.h>

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;

Moment now() {
    return std::chrono::duration_cast<Moment>(std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace

Listened listen(ProbeOptions options, TermiosPort& port) {
    EventLoop loop;
    // Before the port's end, which both come of a pulled plug: who runs us waits for the signal after that,
    // and one that was read is gone.
    loop.exitOnSignals(SD_EVENT_PRIORITY_IMPORTANT);
    ProbeCore core(std::move(options), port);
    Timer timer;
    const auto goOn = [&] {
        if (core.state() == ProbeCore::State::listening)
            timer.arm(core.deadline() - now());
        else
            loop.exit(0);
    };
    timer = loop.addTimer(1ms, "end of dwell", [&] {
        core.expired(now());
        goOn();
    });
    const EventSource bytes = loop.addIo(port.fd(), EPOLLIN, "serial port", [&](std::uint32_t) {
        core.readable(now());
        goOn();
    });
    const Moment start = now();
    core.start(start);
    goOn();
    loop.run();

    Listened result;
    if (core.state() == ProbeCore::State::found)
        result.finding = core.finding();
    result.bytes = core.bytesSeen();
    result.elapsed = now() - start;
    result.interrupted = core.state() == ProbeCore::State::listening;
    return result;
}

} // namespace stinky::gps
