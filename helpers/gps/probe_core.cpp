#include "gps/probe_core.h"

#include "common/error.h"

#include <algorithm>
#include <utility>

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;

constexpr unsigned enoughPackets = 2;
// How many bytes, and how much likelier another rate must be (e^6 is 400 to 1), before it is worth leaving
// this one.
constexpr std::size_t enoughBytes = 4;
constexpr double enoughLead = 6;
// A line whose evidence never leads to a packet has no say any more.
constexpr unsigned mostJumps = 12;
// gpsd found that USB adapters deliver bytes of the old speed for more than 100 ms after a change and waits
// 200 ms each time (gpsd/serial.c). The probe goes on reading instead: evidence explains such bytes by
// either speed, and packets count from the first byte on where evidence asked for the change, since the old
// speed was then shown to be wrong and could not have given a valid one.
constexpr Moment settleTime = 200ms;

unsigned firstRate(const ProbeOptions& options) {
    const auto& rates = options.rates;
    if (options.lastGood && std::find(rates.begin(), rates.end(), *options.lastGood) != rates.end())
        return *options.lastGood;
    return rates.front();
}

} // namespace

const char* toString(Method method) noexcept {
    switch (method) {
    case Method::lastGood:
        return "last-good";
    case Method::first:
        return "first";
    case Method::evidence:
        return "evidence";
    case Method::order:
        return "order";
    case Method::rateless:
        return "rateless";
    }
    return "";
}

ProbeCore::ProbeCore(ProbeOptions options, SerialPort& port)
    : options_(std::move(options)), port_(port), evidence_(options_.rates), pending_(options_.rates) {}

void ProbeCore::start(Moment now) {
    started_ = now;
    if (!options_.hasRate) {
        arrived_ = now;
        method_ = Method::rateless;
        return;
    }
    baud_ = port_.baud(); // the first bytes may have been received before we set our own
    const unsigned first = firstRate(options_);
    listenAt(first, first == options_.lastGood ? Method::lastGood : Method::first, now);
}

void ProbeCore::listenAt(unsigned baud, Method why, Moment now) {
    if (!port_.setBaud(baud)) {
        drop(baud);
        nextRate(now);
        return;
    }
    if (!visited_.empty())
        listened_[baud_] += now - arrived_;
    // What a rate was listened to before counts, but a whole burst must fit in once more.
    dwell_ = std::max(options_.dwell - listened_[baud], options_.dwell / 2);
    earlierBaud_ = std::exchange(baud_, baud);
    visited_.push_back(baud);
    method_ = why;
    arrived_ = now;
    bytes_ = 0;
    counts_ = {};
    talker_.clear();
    nmea_.reset();
    ubx_.reset();
    sirf_.reset();
}

Moment ProbeCore::deadline() const noexcept {
    // A port without a speed is given what the rates together would get.
    const Moment all = options_.dwell * static_cast<Moment::rep>(options_.rates.size());
    Moment end = arrived_ + (options_.hasRate ? dwell_ : all);
    if (packets() > 0) // the second one is worth waiting for
        end = std::max(end, lastPacket_ + options_.dwell);
    return options_.timeout ? std::min(end, started_ + *options_.timeout) : end;
}

void ProbeCore::readable(Moment now) {
    std::array<std::uint8_t, 4096> buffer{};
    // Once: a line that never pauses must not keep the owner from its deadline.
    const std::size_t count = port_.read(buffer);
    if (count > 0 && state_ == State::listening)
        take(std::span(buffer.data(), count), now);
    if (state_ == State::listening && now >= deadline())
        expired(now);
}

void ProbeCore::take(std::span<const std::uint8_t> bytes, Moment now) {
    bytesSeen_ += bytes.size();
    bytes_ += bytes.size();
    countPackets(bytes, now);
    if (packets() >= enoughPackets) {
        const std::optional<unsigned> baud = options_.hasRate ? std::optional(baud_) : std::nullopt;
        finding_ = {baud, mostHeard(), talker_, packets(), now - started_, method_};
        state_ = State::found;
        return;
    }
    if (!options_.hasRate || !options_.useEvidence)
        return;
    evidence_.add(bytes, baud_,
                  settling(now) && earlierBaud_ > 0 ? std::optional(earlierBaud_) : std::nullopt);
    followEvidence(now);
}

void ProbeCore::countPackets(std::span<const std::uint8_t> bytes, Moment now) {
    // Left over from the rate before, also from what the port had when it was opened, a packet would put the
    // port to the wrong speed.
    const bool doubtful = method_ != Method::evidence && earlierBaud_ != baud_ && settling(now);
    const auto add = [&](Protocol protocol, unsigned count) {
        if (count == 0 || doubtful)
            return;
        counts_[static_cast<std::size_t>(protocol)] += count;
        lastPacket_ = now;
    };
    for (const std::uint8_t byte : bytes) {
        if (const std::optional<std::string> talker = nmea_.push(byte)) {
            add(Protocol::nmea, 1);
            if (!doubtful && (talker_.empty() || *talker == "GN"))
                talker_ = *talker;
        }
        add(Protocol::ubx, ubx_.push(byte));
        add(Protocol::sirf, sirf_.push(byte));
    }
}

void ProbeCore::followEvidence(Moment now) {
    if (packets() > 0 || ubx_.midPacket() || sirf_.midPacket())
        return;
    if (bytes_ < enoughBytes || jumps_ >= mostJumps)
        return;
    const std::vector<RankedRate> ranked = evidence_.ranked();
    const auto present = std::find_if(ranked.begin(), ranked.end(),
                                      [this](const RankedRate& rate) { return rate.baud == baud_; });
    unsigned target = ranked.front().baud;
    // A rate that had its dwell was wrong, whatever the bytes look like: chatter at 9600 is no receiver at
    // 9600.
    if (target == baud_ || !isPending(target))
        return;
    // A line read too slowly tells little but that. The highest rate is then the one to learn most at, and
    // where the fast bursts, which are over within 40 ms, may still be caught.
    for (const RankedRate& rate : ranked)
        if (target > baud_ && rate.baud > target && isPending(rate.baud))
            target = rate.baud;
    // Each return to the same rate must be better founded than the last, so that two rates do not play
    // ping-pong.
    const auto visits = std::count(visited_.begin(), visited_.end(), target);
    if (present->behind < enoughLead * static_cast<double>(1 + visits))
        return;
    ++jumps_;
    listenAt(target, Method::evidence, now);
}

void ProbeCore::expired(Moment now) {
    if (state_ != State::listening || now < deadline())
        return;
    const bool timedOut = options_.timeout && now >= started_ + *options_.timeout;
    if (timedOut || !options_.hasRate) {
        state_ = State::nothing;
        return;
    }
    drop(baud_);
    nextRate(now);
}

void ProbeCore::nextRate(Moment now) {
    if (pending_.empty()) {
        state_ = State::nothing;
        return;
    }
    unsigned next = pending_.front();
    if (options_.useEvidence) {
        // Without any byte the ranking is the order of preference.
        for (const RankedRate& rate : evidence_.ranked()) {
            if (isPending(rate.baud)) {
                next = rate.baud;
                break;
            }
        }
    }
    listenAt(next, Method::order, now);
}

bool ProbeCore::isPending(unsigned baud) const {
    return std::find(pending_.begin(), pending_.end(), baud) != pending_.end();
}

void ProbeCore::drop(unsigned baud) {
    std::erase(pending_, baud);
}

bool ProbeCore::settling(Moment now) const {
    return now - arrived_ < settleTime;
}

Protocol ProbeCore::mostHeard() const noexcept {
    const auto most = std::max_element(counts_.begin(), counts_.end());
    return static_cast<Protocol>(most - counts_.begin());
}

} // namespace stinky::gps
