#pragma once

#include "radio/card.h"

#include <string>

namespace stinky::radio {

/// A monitor interface beside the card's own one, for drivers that do not turn that into one: "wlan2mon".
/// The pair is read and changed as if it were one card: it is a monitor when the interface is there and is
/// one, and up when that is up and the card's own interface is down, since a radio that serves both stays on
/// the other's channel.
class VifCard : public Card {
public:
    /// `base` and `index` are the card's own interface, `monitor` the name of the other.
    VifCard(Nl80211& wireless, RouteSocket& routes, std::uint32_t index, std::string base,
            std::string monitor);

    std::optional<CardState> read() override;
    void apply(const Step& step) override;

    /// "wlan2mon" for "wlan2", cut to what the kernel takes.
    static std::string nameFor(const std::string& base);

private:
    std::optional<WifiInterface> findMonitor();

    Nl80211& wireless_;
    RouteSocket& routes_;
    std::uint32_t index_;
    std::string base_;
    std::string monitor_;
};

/// Removes the interface that a VifCard made; false when there is none of that name on this radio.
bool removeMonitor(Nl80211& wireless, std::uint32_t wiphy, const std::string& name);

} // namespace stinky::radio
