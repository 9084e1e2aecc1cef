#include "radio/hold_service.h"

#include "common/log.h"
#include "radio/advice.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace stinky::radio {
namespace {

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

HoldService::HoldService(std::string interface) : interface_(std::move(interface)), events_(wireless_) {}

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
    if (const auto reason = reasonToRefuse(radio_))
        throw Refusal("take", describe(radio_), *reason);

    claim_.emplace(StateStore(StateStore::defaultDirectory()).claim(stateToSave(radio_)));
    if (claim_->saved().state != radio_.state)
        log::notice("radio-leftover",
                    fmt::format("{} is {}, left so by a run that could not give it back; before that it was "
                                "{}, and so it will be set back",
                                describe(radio_), describe(radio_.state), describe(claim_->saved().state)),
                    {{"STINKY_INTERFACE", interface_}});
    card_.emplace(wireless_, routes_, radio_.ifindex, interface_);
    guard_.emplace(*card_, RetakeLimit(), interface_);
    deadline_ = loop_.addTimer(std::chrono::milliseconds(100), "busy card", [this] { onDeadline(); });
    status_.emplace(loop_, STINKY_STATUS_DIRECTORY, [this] { return report(); });
    look();
}

void HoldService::onChanges(const Changes& changes) {
    if (!guard_)
        return;
    // While the card is busy, what ends that may happen to any interface of the radio.
    if (waiting_ || changes.concern(radio_.ifindex))
        look();
}

void HoldService::look() {
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

void HoldService::onLost(const CardState& found, Look::State state) {
    const RetakeLimit& limit = guard_->limit();
    log::warning("radio-lost",
                 fmt::format("{} was {} by another program; {} ({} of at most {} times in {:.0f} s)",
                             describe(radio_), describeLoss(found),
                             state == Look::State::held ? "taken back" : "taking it back", limit.recent(),
                             limit.most(), limit.span().count()),
                 {{"STINKY_INTERFACE", interface_}});
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
    if (state_ == Look::State::held) {
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
    };
    return report;
}

} // namespace stinky::radio
