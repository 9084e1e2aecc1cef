#include "radio/hold_service.h"

#include "common/log.h"
#include "common/text.h"
#include "radio/advice.h"
#include "radio/vif_card.h"

#include <fmt/format.h>
#include <linux/nl80211.h>

#include <net/if.h>
#include <sys/epoll.h>

#include <algorithm>
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

HoldService::HoldService(const std::string& selector, const Config& config)
    : selector_(Selector::parse(selector)),
      force_(config.text("RADIO_FORCE") == "yes"),
      besides_(config.text("RADIO_MODE") == "vif"),
      country_(config.text("COUNTRY")),
      silenceLimit_(config.number("RADIO_SILENCE")),
      events_(wireless_),
      silence_(loop_, routes_, silenceLimit_, [this](SilenceLadder::Repair repair) { onSilence(repair); }) {}

int HoldService::run() {
    loop_.exitOnSignals();
    start();
    return loop_.run();
}

void HoldService::start() {
    began_ = std::chrono::steady_clock::now();
    events_.watch(loop_, [this](const Changes& changes) { onChanges(changes); });
    chooseCard();
    if (const auto reason = reasonToRefuse(radio_, force_))
        throw Refusal("take", describe(radio_), *reason);

    holders_.emplace(interface_);
    rfkill_.emplace(radio_.phy);
    claim_.emplace(StateStore(StateStore::defaultDirectory()).claim(readAll()));
    if (claim_->saved().state != radio_.state)
        log::notice("radio-leftover",
                    fmt::format("{} is {}, left so by a run that could not give it back; before that it was "
                                "{}, and so it will be set back",
                                describe(radio_), describe(radio_.state), describe(claim_->saved().state)),
                    {{"STINKY_INTERFACE", interface_}});
    // Saved first: whatever happens from here on, restore gives back what was taken.
    makeGuard(besides_ || !claim_->saved().monitor.empty());
    listen();
    setCountry();
    holders_->release();
    look();
    holders_->keepAway(loop_);
}

void HoldService::chooseCard() {
    if (selector_.kind == Selector::Kind::interface) {
        radio_ = readRadio(wireless_, routes_, selector_.value);
    } else {
        std::vector<RadioInfo> radios = listRadios(wireless_, routes_);
        if (selector_.kind == Selector::Kind::automatic)
            std::for_each(radios.begin(), radios.end(), findHolders);
        radio_ = choose(selector_, radios);
        log::info("radio-chosen", selector_.text + " is " + describe(radio_),
                  {{"STINKY_INTERFACE", radio_.interface}});
    }
    interface_ = radio_.interface;
}

SavedState HoldService::readAll() {
    SavedState state = stateToSave(radio_, wireless_);
    state.selector = selector_.text;
    state.hold = holders_->read();
    state.hold.softBlocked = rfkill_->block().value_or(Block()).soft;
    return state;
}

void HoldService::makeGuard(bool besides) {
    if (besides) {
        const std::string monitor = VifCard::nameFor(interface_);
        if (claim_->saved().monitor.empty()) {
            if (if_nametoindex(monitor.c_str()) != 0)
                throw Error("add the monitor interface", monitor,
                            "there is one of this name already, which is not ours: `iw dev " + monitor +
                                " del` removes it",
                            EEXIST);
            claim_->remember(monitor);
        }
        card_ = std::make_unique<VifCard>(wireless_, routes_, radio_.ifindex, interface_, monitor);
    } else {
        card_ = std::make_unique<NetlinkCard>(wireless_, routes_, radio_.ifindex, interface_);
    }
    besides_ = besides;
    guard_.emplace(*card_, RetakeLimit(), interface_);
}

void HoldService::listen() {
    deadline_ = loop_.addTimer(std::chrono::milliseconds(100), "busy card", [this] { onDeadline(); });
    status_.emplace(loop_, STINKY_STATUS_DIRECTORY, [this] { return report(); });
    if (rfkill_->fd() >= 0)
        rfkillSource_ = loop_.addIo(rfkill_->fd(), EPOLLIN, "rfkill", [this](std::uint32_t) { onRfkill(); });
}

std::string HoldService::monitorName() const {
    return besides_ ? claim_->saved().monitor : interface_;
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
    if (const auto name = changes.nameOf(radio_.ifindex); name && *name != interface_)
        onRenamed(*name);
    // While the card is busy, what ends that may happen to any interface of the radio.
    if (waiting_ || changes.concern(radio_.ifindex) || (besides_ && changes.concern(monitorIndex_)))
        look();
}

// The card is known by its index: it is held on. A unit that was started by the old name ends all the same,
// as systemd sees that device go.
void HoldService::onRenamed(const std::string& name) {
    log::warning("radio-renamed",
                 fmt::format("{} was renamed to {}; a unit that names it {} ends with that name: "
                             "RADIO=mac:{} would not",
                             describe(radio_), name, interface_, claim_->saved().mac.toString()),
                 {{"STINKY_INTERFACE", name}});
    interface_ = name;
    radio_.interface = name;
    holders_->rename(name);
}

Look HoldService::lookOnce() {
    const std::chrono::duration<double> now(monotonicSeconds());
    try {
        return guard_->look(now);
    } catch (const GaveUp&) {
        throw;
    } catch (const Error& e) {
        if (besides_ || wasReady_ || !wantsMonitorBeside(e))
            throw withAdvice(e);
        log::notice(
            "radio-beside",
            fmt::format("{}; trying a monitor interface beside it (RADIO_MODE=vif spares the attempt)",
                        e.what()),
            {{"STINKY_INTERFACE", interface_}});
    }
    makeGuard(true);
    return lookWithAdvice(*guard_, now);
}

void HoldService::look() {
    liftSoftBlock();
    const Look look = lookOnce();
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

void HoldService::onSilence(SilenceLadder::Repair which) {
    using Repair = SilenceLadder::Repair;
    const Step down = {Step::Kind::setDown, 0};
    const Step up = {Step::Kind::setUp, 0};
    switch (which) {
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
    if (state_ != Look::State::held)
        return;
    log::warning(
        "radio-silent",
        fmt::format("{} has heard nothing for {} s: {}", describe(radio_), silenceLimit_.count(), what),
        {{"STINKY_INTERFACE", interface_}});
    for (const Step& step : steps)
        card_->apply(step);
}

std::string HoldService::lossOf(const CardState& found) const {
    if (!besides_)
        return describeLoss(found);
    if (found.type == NL80211_IFTYPE_UNSPECIFIED)
        return "deprived of " + monitorName();
    return found.type == NL80211_IFTYPE_MONITOR ? "set down, or up beside " + monitorName()
                                                : describeLoss(found);
}

void HoldService::onLost(const CardState& found, Look::State state) {
    const RetakeLimit& limit = guard_->limit();
    log::warning("radio-lost",
                 fmt::format("{} was {} by another program; {} ({} of at most {} times in {:.0f} s)",
                             describe(radio_), lossOf(found),
                             state == Look::State::held ? "taken back" : "taking it back", limit.recent(),
                             limit.most(), limit.span().count()),
                 {{"STINKY_INTERFACE", interface_}});
    holders_->releaseAgain();
}

void HoldService::onHeld() {
    if (std::exchange(waiting_, false))
        deadline_.disarm();
    const std::string monitor = monitorName();
    monitorIndex_ = besides_ ? if_nametoindex(monitor.c_str()) : radio_.ifindex;
    if (!published_ || published_->interface() != monitor)
        published_.emplace(selector_.text, monitor);
    silence_.onLink(routes_.link(monitorIndex_, monitor));
    if (!std::exchange(wasReady_, true)) {
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - began_;
        log::notice("radio-taken",
                    fmt::format("{} is in monitor mode{}, {:.1f} ms after the start; before, it was {}",
                                describe(radio_), besides_ ? " on " + monitor : "", took.count(),
                                describe(claim_->saved().state)),
                    {{"STINKY_INTERFACE", interface_}});
        status_->ready();
        silence_.countFirst(monitorIndex_, monitor);
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
    report.part = "radio@" + escapeInstance(selector_.text);
    report.eventDriven = true;
    if (state_ == Look::State::held && silence_.ladder().gaveUp()) {
        report.state = PartState::fault;
        report.reason = describe(radio_) + " hears nothing, and no repair helped";
    } else if (state_ == Look::State::held) {
        report.state = PartState::ok;
        report.reason = describe(radio_) + " in monitor mode" + (besides_ ? " on " + monitorName() : "");
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
        {"monitor_interface", monitorName()},
        {"restores_to", describe(claim_->saved().state)},
        {"retaken", guard_->retaken()},
        {"frames", silence_.ladder().frames()},
        {"silence_relinks", silence_.ladder().relinks()},
        {"silence_retypes", silence_.ladder().retypes()},
    };
    return report;
}

bool wantsMonitorBeside(const Error& error) noexcept {
    return error.code() == EOPNOTSUPP || error.code() == EINVAL;
}

} // namespace stinky::radio
