#pragma once

#include "radio/radio_info.h"

#include <optional>
#include <string>
#include <vector>

/// Which card is meant by a word of RADIO=. Pure.
namespace stinky::radio {

/// One word: an interface, "mac:<address>" (the card's permanent one), "phy:<name>", "driver:<name>" or
/// "auto".
struct Selector {
    enum class Kind { interface, mac, phy, driver, automatic };
    Kind kind = Kind::interface;
    std::string text;  ///< the whole word
    std::string value; ///< what stands behind the colon; the whole word of an interface

    /// Throws Error with code EINVAL.
    static Selector parse(const std::string& text);
};

/// The card that is meant; of several the first by number of its interface. For "auto" that is a card that
/// is no uplink, carries no session, is no access point, is in nobody's hands (radio.holders names another
/// stinky-radio) and has a monitor mode; rather one that is in no network, and rather one that is plugged in
/// than one that is built in, which mostly is the uplink. Throws Error with code ENODEV, saying of each card
/// why not.
const RadioInfo& choose(const Selector& selector, const std::vector<RadioInfo>& radios);

} // namespace stinky::radio
