#pragma once

#include "common/error.h"
#include "radio/card.h"
#include "radio/hold_policy.h"

#include <optional>
#include <string>

namespace stinky::radio {

/// Somebody else insists on the card as well: the guard gave up.
class GaveUp : public Error {
public:
    using Error::Error;
};

/// What one look at the card found, and left behind.
struct Look {
    enum class State {
        held, ///< in monitor mode and up, read back
        busy, ///< could not be taken yet: look again with the next announcement
        gone, ///< there is no such card any more
    };
    State state = State::gone;
    std::optional<CardState> lost; ///< the card had been held, and this was found instead

    bool operator==(const Look&) const = default;
};

/// Takes the card and takes it back. Decides; does not wait, log or know the time by itself.
class Guard {
public:
    /// `name` is for errors.
    Guard(Card& card, RetakeLimit limit, std::string name);

    /// Reads the card, takes it where it is not held, reads it back. `now` is CLOCK_MONOTONIC. Throws GaveUp
    /// when the card was taken away too often, and Error for what waiting will not mend.
    Look look(RetakeLimit::Seconds now);

    /// Why the last look was busy.
    const Error& obstacle() const noexcept { return obstacle_; }

    /// How often the card was taken back, in all and within the limit's span.
    unsigned retaken() const noexcept { return retaken_; }

    const RetakeLimit& limit() const noexcept { return limit_; }

private:
    void countLoss(const CardState& found, RetakeLimit::Seconds now);
    Look::State take(const CardState& found);

    Card& card_;
    RetakeLimit limit_;
    std::string name_;
    Error obstacle_{"take", "", "not tried yet"};
    bool held_ = false;
    unsigned retaken_ = 0;
};

} // namespace stinky::radio
