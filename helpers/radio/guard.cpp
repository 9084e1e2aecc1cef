#include "radio/guard.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

namespace stinky::radio {

Guard::Guard(Card& card, RetakeLimit limit, std::string name)
    : card_(card), limit_(std::move(limit)), name_(std::move(name)) {}

Look Guard::look(RetakeLimit::Seconds now) {
    Look look;
    const std::optional<CardState> found = card_.read();
    if (!found)
        return look;
    if (isHeld(*found)) {
        held_ = true;
        look.state = Look::State::held;
        return look;
    }
    // While a take waits for a busy card, what is found is no new loss.
    if (std::exchange(held_, false)) {
        look.lost = found;
        countLoss(*found, now);
    }
    look.state = take(*found);
    held_ = look.state == Look::State::held;
    return look;
}

void Guard::countLoss(const CardState& found, RetakeLimit::Seconds now) {
    if (!limit_.allow(now))
        throw GaveUp("hold", name_,
                     fmt::format("it was taken away more than {} times within {:.0f} s, the last time {}; "
                                 "find out which program wants it (NetworkManager, wpa_supplicant, dhcpcd, "
                                 "another capture), stop that for this interface, then start again",
                                 limit_.most(), limit_.span().count(), describeLoss(found)),
                     EAGAIN);
    ++retaken_;
}

Look::State Guard::take(const CardState& found) {
    try {
        for (const Step& step : planTake(found))
            card_.apply(step);
    } catch (const Error& e) {
        if (e.code() == ENODEV && !card_.read())
            return Look::State::gone;
        // A block that came between the look at the switch and this: its own announcement follows.
        if (e.code() != EBUSY && e.code() != ERFKILL)
            throw;
        obstacle_ = e;
        return Look::State::busy;
    }
    const std::optional<CardState> after = card_.read();
    if (!after)
        return Look::State::gone;
    if (isHeld(*after))
        return Look::State::held;
    // Either somebody was faster, then an announcement is on its way, or the driver only pretends.
    obstacle_ = Error("verify monitor mode on", name_,
                      "the driver accepted it, and yet the card is " + describe(*after));
    return Look::State::busy;
}

} // namespace stinky::radio
