#pragma once

#include "common/nl80211.h"
#include "radio/link.h"
#include "radio/plan.h"

#include <cstdint>
#include <optional>
#include <string>

namespace stinky::radio {

/// One card, as far as it is read and changed: small enough for a test to stand in for the kernel.
class Card {
public:
    virtual ~Card() = default;

    /// Nothing when the card is gone.
    virtual std::optional<CardState> read() = 0;
    /// Throws Error with the kernel's text and errno.
    virtual void apply(const Step& step) = 0;
};

/// A card of this machine. It is known by its ifindex, so that a new name does not hide it and a new card
/// under the old name is not mistaken for it.
class NetlinkCard : public Card {
public:
    NetlinkCard(Nl80211& wireless, RouteSocket& routes, std::uint32_t index, std::string name);

    std::optional<CardState> read() override;
    void apply(const Step& step) override;

private:
    Nl80211& wireless_;
    RouteSocket& routes_;
    std::uint32_t index_;
    std::string name_;
};

} // namespace stinky::radio
