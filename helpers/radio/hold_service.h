#pragma once

#include "common/config.h"
#include "common/event_loop.h"
#include "common/nl80211.h"
#include "common/part_status.h"
#include "radio/card.h"
#include "radio/events.h"
#include "radio/guard.h"
#include "radio/holders.h"
#include "radio/link.h"
#include "radio/radio_info.h"
#include "radio/rfkill.h"
#include "radio/silence.h"
#include "radio/state_store.h"

#include <chrono>
#include <optional>
#include <string>

namespace stinky::radio {

/// How long a busy card is waited for, from the first refusal.
inline constexpr std::chrono::seconds busyLimit{10};

/// `stinky-radio hold`: saves the card's state, takes it, tells systemd, and keeps it until SIGTERM. It acts
/// on the kernel's announcements alone; between them it does nothing but answer the status heart-beat.
class HoldService {
public:
    HoldService(std::string interface, const Config& config);

    /// Returns the exit code. Throws Refusal, GaveUp or Error.
    int run();

private:
    void start();
    SavedState readAll();
    void makeGuard();
    void setCountry();
    void liftSoftBlock();
    void onFrameCount();
    void onSilenceLook();
    void repair(const std::vector<Step>& steps, const char* what);
    void onRfkill();
    void onChanges(const Changes& changes);
    void look();
    void onLost(const CardState& found, Look::State state);
    void onHeld();
    void onBusy();
    void onGone();
    [[noreturn]] void onDeadline();
    PartReport report() const;

    std::string interface_;
    bool force_;
    std::string country_;
    std::chrono::seconds silenceLimit_;
    EventLoop loop_;
    Nl80211 wireless_;
    RouteSocket routes_;
    RadioEvents events_;
    RadioInfo radio_;
    Holders holders_;
    std::optional<Rfkill> rfkill_;
    EventSource rfkillSource_;
    std::optional<Claim> claim_;
    std::optional<NetlinkCard> card_;
    std::optional<Guard> guard_;
    std::optional<StatusReporter> status_;
    Timer deadline_;
    Timer frameCount_;
    Timer silenceLook_;
    SilenceLadder silence_;
    std::optional<std::uint64_t> framesAtFirst_;
    unsigned framesLooks_ = 0;
    std::chrono::steady_clock::time_point began_;
    Look::State state_ = Look::State::busy;
    bool wasReady_ = false;
    bool waiting_ = false;
};

} // namespace stinky::radio
