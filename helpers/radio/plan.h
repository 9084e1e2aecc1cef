#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// The plan: the state of a card in, the steps to take out. Pure, so that every case stands in a table test.
namespace stinky::radio {

/// What this program changes on a card.
struct CardState {
    std::uint32_t type = 0; ///< enum nl80211_iftype (linux/nl80211.h)
    bool up = false;        ///< IFF_UP

    bool operator==(const CardState&) const = default;
};

/// One change of a card.
struct Step {
    enum class Kind { setDown, setType, setUp };
    Kind kind = Kind::setDown;
    std::uint32_t type = 0; ///< for setType

    bool operator==(const Step&) const = default;
};

/// In monitor mode and up: what a scanner needs.
bool isHeld(const CardState& state) noexcept;

/// From `now` to monitor mode and up. Down first: most drivers refuse to change the type of a running
/// interface.
std::vector<Step> planTake(const CardState& now);

/// What a restore has to do, and why it leaves alone what it leaves alone.
struct RestorePlan {
    std::vector<Step> steps;
    std::string left; ///< for people; empty when everything is as saved after the steps

    bool operator==(const RestorePlan&) const = default;
};

/// From `now` back to `saved`. Only what taking the card can have changed is undone: a type that is neither
/// the saved one nor monitor, or an interface that is up in its saved type though it was down before, is
/// somebody else's doing and stays.
RestorePlan planRestore(const CardState& saved, const CardState& now);

/// What became of a card that was held: "set down", "made managed, up".
std::string describeLoss(const CardState& found);
/// "monitor, up".
std::string describe(const CardState& state);
/// "set type monitor", "set link down".
std::string describe(const Step& step);

} // namespace stinky::radio
