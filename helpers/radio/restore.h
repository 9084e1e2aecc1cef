#pragma once

#include "common/error.h"
#include "radio/card.h"
#include "radio/plan.h"

#include <optional>
#include <string>

namespace stinky::radio {

/// What one attempt to give a card back came to.
struct GiveBack {
    enum class State {
        done, ///< as saved, read back; or left to somebody else, see `left`
        busy, ///< refused for now: try again with the next announcement
        gone, ///< there is no such card any more
    };
    State state = State::gone;
    bool changed = false;          ///< at least one step was taken
    std::string left;              ///< what was left alone and why; empty when all is as saved
    std::optional<Error> obstacle; ///< for busy
};

/// Puts the card back into the saved state and reads it back. Throws Error for what waiting will not mend;
/// `name` is for errors.
GiveBack giveBack(Card& card, const CardState& saved, const std::string& name);

/// `stinky-radio restore`: returns when the state that the guard of this selector saved is in force again
/// and forgotten, or when there is nothing to restore: no saved state, the card gone, plugged anew or the
/// machine rebooted since. Throws Error otherwise; the saved state stays then.
void restore(const std::string& selector);

/// `stinky-radio restore --leftovers`: puts back what outlived a power cut of cards that nobody holds now,
/// and forgets the states that an earlier boot saved of them. A card that is not plugged in keeps its own.
void restoreLeftovers();

} // namespace stinky::radio
