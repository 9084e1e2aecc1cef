#pragma once

#include "common/config.h"
#include "common/event_loop.h"
#include "common/nl80211.h"
#include "common/part_status.h"
#include "radio/card.h"
#include "radio/events.h"
#include "radio/guard.h"
#include "radio/holders.h"
#include "radio/interface_file.h"
#include "radio/link.h"
#include "radio/radio_info.h"
#include "radio/rfkill.h"
#include "radio/selector.h"
#include "radio/silence_watch.h"
#include "radio/state_store.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace stinky::radio {

/// How long a busy card is waited for, from the first refusal.
inline constexpr std::chrono::seconds busyLimit{10};

/// `stinky-radio hold`: saves the card's state, takes it, tells systemd, and keeps it until SIGTERM. It acts
/// on announcements alone: of the kernel, of D-Bus, and of somebody who begins to capture.
class HoldService {
public:
    HoldService(const std::string& selector, const Config& config);

    /// Returns the exit code. Throws Refusal, GaveUp or Error.
    int run();

private:
    void start();
    void chooseCard();
    SavedState readAll();
    void makeGuard(bool besides);
    void listen();
    void setCountry();
    void liftSoftBlock();
    void onSilence(SilenceLadder::Repair repair);
    void repair(const std::vector<Step>& steps, const char* what);
    void onRfkill();
    void onChanges(const Changes& changes);
    void onRenamed(const std::string& name);
    Look lookOnce();
    void look();
    void onLost(const CardState& found, Look::State state);
    void onHeld();
    void onBusy();
    void onGone();
    [[noreturn]] void onDeadline();
    std::string monitorName() const;
    std::string lossOf(const CardState& found) const;
    PartReport report() const;

    Selector selector_;
    std::string interface_;
    bool force_;
    bool besides_;
    std::string country_;
    std::chrono::seconds silenceLimit_;
    EventLoop loop_;
    Nl80211 wireless_;
    RouteSocket routes_;
    RadioEvents events_;
    RadioInfo radio_;
    std::optional<Holders> holders_;
    std::optional<Rfkill> rfkill_;
    EventSource rfkillSource_;
    std::optional<Claim> claim_;
    std::unique_ptr<Card> card_;
    std::optional<Guard> guard_;
    std::optional<StatusReporter> status_;
    std::optional<InterfaceFile> published_;
    Timer deadline_;
    SilenceWatch silence_;
    std::uint32_t monitorIndex_ = 0;
    std::chrono::steady_clock::time_point began_;
    Look::State state_ = Look::State::busy;
    bool wasReady_ = false;
    bool waiting_ = false;
};

/// In place is refused for good by this card (an error of the first attempt), and a monitor interface beside
/// the card's own is worth a try.
bool wantsMonitorBeside(const Error& error) noexcept;

} // namespace stinky::radio
