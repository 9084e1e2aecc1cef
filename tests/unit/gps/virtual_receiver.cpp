#include "virtual_receiver.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;

// The line has an origin of its own, before the probe began, so that a burst may be under way at the start.
constexpr Moment lineOrigin = -2s;

sim::LineTime lineTime(Moment moment) {
    return moment - lineOrigin;
}

} // namespace

VirtualReceiver::VirtualReceiver(VirtualSetup setup)
    : setup_(std::move(setup)),
      receiver_(setup_.receiver),
      reader_(setup_.framingErrors),
      nextBurst_(setup_.firstBurst) {
    reader_.read(line_, readerBaud_, lineTime(0s));
}

unsigned VirtualReceiver::lineBaud(Moment at) const {
    return setup_.switchTo && at >= setup_.switchAfter ? *setup_.switchTo : setup_.baud;
}

bool VirtualReceiver::setBaud(unsigned baud) {
    bauds_.push_back(baud);
    if (std::find(setup_.cannotDo.begin(), setup_.cannotDo.end(), baud) != setup_.cannotDo.end())
        return false;
    readerBaud_ = baud;
    inKernel_.clear();
    if (!setup_.keepsOldBytes)
        inAdapter_.clear();
    return true;
}

std::size_t VirtualReceiver::read(std::span<std::uint8_t> into) {
    const std::size_t count = std::min(into.size(), inKernel_.size());
    std::copy_n(inKernel_.begin(), count, into.begin());
    inKernel_.erase(inKernel_.begin(), inKernel_.begin() + static_cast<std::ptrdiff_t>(count));
    return count;
}

bool VirtualReceiver::advance(Moment now) {
    now_ = now;
    while (nextBurst_ <= now) {
        const Moment at = nextBurst_;
        nextBurst_ += Moment(1s) / setup_.burstsPerSecond;
        if (line_.busyUntil() > lineTime(at))
            continue; // the line is too slow for this rate: the burst is left out
        const auto utc = sim::UtcTime(std::chrono::milliseconds(1700000000000)) +
                         std::chrono::floor<std::chrono::milliseconds>(at);
        for (const std::uint8_t byte :
             receiver_.burst(utc, std::max(0.0, std::chrono::duration<double>(at).count())))
            line_.send(byte, lineBaud(at), lineTime(at));
    }
    for (const sim::TimedByte& byte : reader_.read(line_, readerBaud_, lineTime(now))) {
        const bool wrongRate = readerBaud_ != lineBaud(now);
        if ((byte.framingError && setup_.hidesErrors) || (wrongRate && setup_.deafAtWrongRate))
            continue;
        inAdapter_.push_back(byte.value);
    }
    line_.forget(lineTime(now));
    if (now >= nextPacket_) {
        nextPacket_ = now + setup_.latency;
        inKernel_.insert(inKernel_.end(), inAdapter_.begin(), inAdapter_.end());
        inAdapter_.clear();
    }
    return !inKernel_.empty();
}

VirtualOutcome probeVirtually(const ProbeOptions& options, const VirtualSetup& setup) {
    VirtualReceiver port(setup);
    // A burst that began earlier is partly over: its beginning was heard by nobody.
    port.advance(0s);
    std::vector<std::uint8_t> before(4096);
    port.read(before);
    ProbeCore core(options, port);
    core.start(0s);
    Moment now{};
    while (core.state() == ProbeCore::State::listening && now < 60s) {
        now += 1ms;
        if (port.advance(now))
            core.readable(now);
        if (core.state() == ProbeCore::State::listening && now >= core.deadline())
            core.expired(now);
    }
    EXPECT_LT(now, 60s) << "the probe does not end";
    return {core.state(), core.finding(), now, port.bauds()};
}

ProbeOptions defaultPlan() {
    ProbeOptions options;
    options.rates = {9600, 4800, 38400, 57600, 115200};
    return options;
}

} // namespace stinky::gps
