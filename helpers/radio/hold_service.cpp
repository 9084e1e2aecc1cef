#include "radio/hold_service.h"

#include "common/log.h"
#include "radio/advice.h"

#include <fmt/format.h>
#include <linux/nl80211.h>

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace stinky::radio {
namespace {

/// Frames are counted until the first, for at most 2 s.
constexpr std::chrono::milliseconds frameLookEvery{200};
constexpr unsigned frameLooks = 10;

Look lookWithAdvice(Guard& guard, RetakeLimit::Seconds now) {
    try {
        return guard.look(now);
    } catch (const GaveUp&) {
        throw;
    } catch (const Error& e) {
        throw withAdvice(e);
    }
}

} // namespace

HoldService::HoldService(std::string interface, const Config& config)
    : interface_(std::move(interface)),
      force_(config.text("RADIO_FORCE") == "yes"),
      country_(config.text("COUNTRY")),
      silenceLimit_(config.number("RADIO_SILENCE")),
      events_(wireless_),
      holders_(interface_),
      silence_(silenceLimit_) {}

int HoldService::run() {
    loop_.exitOnSignals();
    loop_.enableWatchdog();
    start();
    return loop_.run();
}

void HoldService::start() {
    began_ = std::chrono::steady_clock::now();
    events_.watch(loop_, [this](const Changes& changes) { onChanges(changes); });
    radio_ = readRadio(wireless_, routes_, interface_);
    if (const auto reason = reasonToRefuse(radio_, force_))
        throw Refusal("take", describe(radio_), *reason);

    rfkill_.emplace(radio_.phy);
    claim_.emplace(StateStore(StateStore::defaultDirectory()).claim(readAll()));
    if (claim_->saved().state != radio_.state)
        log::notice("radio-leftover",
                    fmt::format("{} is {}, left so by a run that could not give it back; before that it was "
                                "{}, and so it will be set back",
                                describe(radio_), describe(radio_.state), describe(claim_->saved().state)),
                    {{"STINKY_INTERFACE", interface_}});
    // Saved first: whatever happens from here on, restore gives back what was taken.
    makeGuard();
    setCountry();
    holders_.release();
    look();
    holders_.keepAway(loop_);
}

SavedState HoldService::readAll() {
    SavedState state = stateToSave(radio_);
    state.hold = holders_.read();
    state.hold.softBlocked = rfkill_->block().value_or(Block()).soft;
    return state;
}

void HoldService::makeGuard() {
    card_.emplace(wireless_, routes_, radio_.ifindex, interface_);
    guard_.emplace(*card_, RetakeLimit(), interface_);
    deadline_ = loop_.addTimer(std::chrono::milliseconds(100), "busy card", [this] { onDeadline(); });
    frameCount_ = loop_.addTimer(std::chrono::milliseconds(50), "frame count", [this] { onFrameCount(); });
    // Joined with the heart-beat of the status.
    silenceLook_ = loop_.addTimer(std::chrono::seconds(5), "silence", [this] { onSilenceLook(); });
    status_.emplace(loop_, STINKY_STATUS_DIRECTORY, [this] { return report(); });
    if (rfkill_->fd() >= 0)
        rfkillSource_ = loop_.addIo(rfkill_->fd(), EPOLLIN, "rfkill", [this](std::uint32_t) { onRfkill(); });
}

void HoldService::setCountry() {
    if (!country_.empty()) {
        wireless_.requestCountry(country_);
        return;
    }
    if (wireless_.country() == "00")
        log::notice("radio-no-country",
                    "no country is set: only channels that are open everywhere can be used; COUNTRY= in "
                    "/etc/stinky/stinky.conf opens those of the place",
                    {{"STINKY_INTERFACE", interface_}});
}

void HoldService::onRfkill() {
    if (rfkill_->update())
        look();
}

void HoldService::liftSoftBlock() {
    rfkill_->update();
    const Block block = rfkill_->block().value_or(Block());
    if (block.soft) {
        rfkill_->setSoft(false);
        log::notice("radio-unblocked", "lifted the soft block (rfkill) of " + describe(radio_),
                    {{"STINKY_INTERFACE", interface_}});
    }
    if (block.hard)
        throw Error("take", describe(radio_),
                    "its hardware switch is off (rfkill hard block): flip the switch, or press the key that "
                    "turns wireless on, then start again",
                    ERFKILL);
}

void HoldService::onChanges(const Changes& changes) {
    if (!guard_)
        return;
    // While the card is busy, what ends that may happen to any interface of the radio.
    if (waiting_ || changes.concern(radio_.ifindex))
        look();
}

void HoldService::look() {
    liftSoftBlock();
    const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
    const Look look = lookWithAdvice(*guard_, now);
    if (look.lost)
        onLost(*look.lost, look.state);
    state_ = look.state;
    switch (look.state) {
    case Look::State::held:
        onHeld();
        break;
    case Look::State::busy:
        onBusy();
        break;
    case Look::State::gone:
        onGone();
        break;
    }
}

void HoldService::onFrameCount() {
    const std::uint64_t frames = routes_.link(radio_.ifindex, interface_).frames;
    const std::uint64_t heard = frames - std::min(frames, framesAtFirst_.value_or(frames));
    framesAtFirst_ = framesAtFirst_.value_or(frames);
    if (heard == 0 && framesLooks_++ < frameLooks) {
        frameCount_.arm(frameLookEvery);
        return;
    }
    log::info("radio-frames",
              heard > 0
                  ? fmt::format("{} hears: {} frames so far", interface_, heard)
                  : fmt::format("{} has heard nothing in its first 2 s on its present channel", interface_),
              {{"STINKY_INTERFACE", interface_}});
    if (silenceLimit_.count() > 0)
        silenceLook_.arm(silenceLimit_ / 3);
}

void HoldService::onSilenceLook() {
    using Repair = SilenceLadder::Repair;
    silenceLook_.arm(silenceLimit_ / 3);
    if (state_ != Look::State::held)
        return;
    const std::chrono::duration<double> now = std::chrono::steady_clock::now().time_since_epoch();
    const Step down = {Step::Kind::setDown, 0};
    const Step up = {Step::Kind::setUp, 0};
    switch (silence_.look(routes_.link(radio_.ifindex, interface_).frames, now)) {
    case Repair::none:
        break;
    case Repair::relink:
        repair({down, up}, "set down and up");
        break;
    case Repair::retype:
        repair({down,
                {Step::Kind::setType, NL80211_IFTYPE_STATION},
                {Step::Kind::setType, NL80211_IFTYPE_MONITOR},
                up},
               "given its type anew");
        break;
    case Repair::giveUp:
        log::error("radio-silent",
                   describe(radio_) +
                       " hears nothing, and neither setting it down and up nor a new type helped: "
                       "look at the antenna, the channels and `dmesg`, or plug it in anew",
                   {{"STINKY_INTERFACE", interface_}});
        break;
    }
    status_->changed();
}

void HoldService::repair(const std::vector<Step>& steps, const char* what) {
    log::warning(
        "radio-silent",
        fmt::format("{} has heard nothing for {} s: {}", describe(radio_), silenceLimit_.count(), what),
        {{"STINKY_INTERFACE", interface_}});
    for (const Step& step : steps)
        card_->apply(step);
}

void HoldService::onLost(const CardState& found, Look::State state) {
    const RetakeLimit& limit = guard_->limit();
    log::warning("radio-lost",
                 fmt::format("{} was {} by another program; {} ({} of at most {} times in {:.0f} s)",
                             describe(radio_), describeLoss(found),
                             state == Look::State::held ? "taken back" : "taking it back", limit.recent(),
                             limit.most(), limit.span().count()),
                 {{"STINKY_INTERFACE", interface_}});
    holders_.releaseAgain();
}

void HoldService::onHeld() {
    if (std::exchange(waiting_, false))
        deadline_.disarm();
    if (!std::exchange(wasReady_, true)) {
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began_;
        log::notice("radio-taken",
                    fmt::format("{} is in monitor mode, {:.1f} ms after the start; before, it was {}",
                                describe(radio_), took.count(), describe(claim_->saved().state)),
                    {{"STINKY_INTERFACE", interface_}});
        status_->ready();
        frameCount_.arm(std::chrono::seconds(0));
        return;
    }
    status_->changed();
}

void HoldService::onBusy() {
    if (!std::exchange(waiting_, true)) {
        log::notice("radio-busy",
                    fmt::format("{}; trying again when something changes, for at most {} s",
                                guard_->obstacle().what(), busyLimit.count()),
                    {{"STINKY_INTERFACE", interface_}});
        deadline_.arm(busyLimit);
    }
    status_->changed();
}

void HoldService::onGone() {
    // Before READY=1 systemd takes an end without an error for a breach of the protocol.
    if (!wasReady_)
        throw Error("take", describe(radio_), "the card was removed meanwhile; plug it in again", ENODEV);
    log::notice("radio-gone", describe(radio_) + " was removed; the service ends with it",
                {{"STINKY_INTERFACE", interface_}});
    loop_.exit(0);
}

void HoldService::onDeadline() {
    const Error& obstacle = guard_->obstacle();
    throw withAdvice(Error(obstacle.tried(), obstacle.object(),
                           fmt::format("{}, for {} s now", obstacle.why(), busyLimit.count()),
                           obstacle.code()));
}

PartReport HoldService::report() const {
    PartReport report;
    report.part = "radio";
    if (state_ == Look::State::held && silence_.gaveUp()) {
        report.state = PartState::fault;
        report.reason = describe(radio_) + " hears nothing, and no repair helped";
    } else if (state_ == Look::State::held) {
        report.state = PartState::ok;
        report.reason = describe(radio_) + " in monitor mode";
    } else if (state_ == Look::State::busy) {
        report.state = PartState::waiting;
        report.reason = describe(radio_) + " is not in monitor mode yet: " + guard_->obstacle().why();
    } else {
        report.state = PartState::fault;
        report.reason = describe(radio_) + " was removed";
    }
    report.counters = {
        {"interface", radio_.interface},
        {"phy", radio_.phy},
        {"driver", radio_.driver},
        {"mac", radio_.mac.toString()},
        {"mode", "monitor"},
        {"restores_to", describe(claim_->saved().state)},
        {"retaken", guard_->retaken()},
        {"frames", silence_.frames()},
        {"silence_relinks", silence_.relinks()},
        {"silence_retypes", silence_.retypes()},
    };
    return report;
}

} // namespace stinky::radio
