#include "sim/gps_pump.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <system_error>
#include <utility>
#include <vector>

namespace stinky::sim {

namespace {

// How late a change of the reader's speed may be noticed; one character at 4800 bit/s.
constexpr LineTime slice = std::chrono::milliseconds(2);

double seconds(LineTime time) {
    return std::chrono::duration<double>(time).count();
}

/// Bursts begin at whole seconds and their equal parts, as in a receiver that knows the time.
LineTime untilNextSlot(LineTime interval) {
    const LineTime sinceSecond = std::chrono::system_clock::now().time_since_epoch() %
                                 std::chrono::nanoseconds(std::chrono::seconds(1));
    return interval - sinceSecond % interval;
}

timespec toTimespec(LineTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::ceil<std::chrono::nanoseconds>(time - whole);
    return {static_cast<time_t>(whole.count()),
            static_cast<long>(std::min<std::int64_t>(rest.count(), 999'999'999))};
}

} // namespace

GpsPump::GpsPump(GpsReceiver receiver, LineOptions options, Pty& pty)
    : receiver_(std::move(receiver)),
      options_(options),
      pty_(pty),
      reader_(options.framingErrors),
      interval_(LineTime(std::chrono::seconds(1)) / options.burstsPerSecond),
      start_(std::chrono::steady_clock::now()) {
    nextBurst_ = untilNextSlot(interval_);
}

void GpsPump::run(int stopFd) {
    bool running = true;
    while (running) {
        const LineTime time = now();
        carry(time);
        if (time >= nextBurst_) {
            startBurst(time);
        }
        const bool busy = line_.busyUntil() > time || !reader_.idle();
        running = waitUntil(busy ? std::min(time + slice, nextBurst_) : nextBurst_, stopFd);
    }
}

LineTime GpsPump::now() const {
    return std::chrono::steady_clock::now() - start_;
}

void GpsPump::startBurst(LineTime now) {
    const LineTime slot = nextBurst_;
    nextBurst_ += interval_ * ((now - nextBurst_) / interval_ + 1);
    if (line_.busyUntil() > now) {
        return; // the line is too slow for this rate: a receiver leaves the burst out
    }
    const auto slotTime =
        std::chrono::system_clock::now() - std::chrono::floor<std::chrono::nanoseconds>(now - slot);
    const auto bytes =
        receiver_.burst(std::chrono::round<std::chrono::milliseconds>(slotTime), seconds(slot));
    LineTime at = now;
    for (const std::uint8_t byte : bytes) {
        const bool switched = options_.switchTo && seconds(at) >= options_.switchAfter;
        at = line_.send(byte, switched ? *options_.switchTo : options_.baud, at);
    }
}

void GpsPump::carry(LineTime now) {
    hasReader_ = pty_.hasReader();
    const std::vector<TimedByte> characters = reader_.read(line_, pty_.readerBaud(), now);
    line_.forget(now);
    if (!hasReader_) {
        return;
    }
    std::vector<std::uint8_t> bytes(characters.size());
    std::transform(characters.begin(), characters.end(), bytes.begin(),
                   [](const TimedByte& character) { return character.value; });
    pty_.deliver(bytes);
}

/// False when the program is to end.
bool GpsPump::waitUntil(LineTime deadline, int stopFd) {
    // A master without a reader reports that all the time: it is looked at again when the next burst is due.
    std::array<pollfd, 2> fds{{{stopFd, POLLIN, 0}, {hasReader_ ? pty_.masterFd() : -1, POLLIN, 0}}};
    const timespec timeout = toTimespec(std::max(deadline - now(), LineTime(0)));
    if (ppoll(fds.data(), fds.size(), &timeout, nullptr) < 0 && errno != EINTR) {
        throw std::system_error(errno, std::generic_category(), "ppoll");
    }
    if ((fds[1].revents & POLLIN) != 0) {
        pty_.discardCommands();
    }
    return fds[0].revents == 0;
}

} // namespace stinky::sim
