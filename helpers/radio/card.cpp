#include "radio/card.h"

#include "common/error.h"

#include <cerrno>
#include <utility>

namespace stinky::radio {

NetlinkCard::NetlinkCard(Nl80211& wireless, RouteSocket& routes, std::uint32_t index, std::string name)
    : wireless_(wireless), routes_(routes), index_(index), name_(std::move(name)) {}

std::optional<CardState> NetlinkCard::read() {
    try {
        CardState state;
        state.type = wireless_.interface(index_).type;
        state.up = routes_.link(index_, name_).up;
        return state;
    } catch (const Error& e) {
        if (e.code() == ENODEV)
            return std::nullopt;
        throw;
    }
}

void NetlinkCard::apply(const Step& step) {
    WifiInterface interface;
    interface.index = index_;
    interface.name = name_;
    switch (step.kind) {
    case Step::Kind::setDown:
        routes_.setUp(index_, false, name_);
        break;
    case Step::Kind::setUp:
        routes_.setUp(index_, true, name_);
        break;
    case Step::Kind::setType:
        wireless_.setType(interface, step.type);
        break;
    }
}

} // namespace stinky::radio
