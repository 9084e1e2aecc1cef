#include "radio/silence.h"

namespace stinky::radio {

void SilenceLadder::begin(std::uint64_t frames, Seconds now) {
    begun_ = true;
    frames_ = frames;
    since_ = now;
}

SilenceLadder::Repair SilenceLadder::look(std::uint64_t frames, Seconds now) {
    // A driver may count from 0 again after a reset: only more is something heard.
    const bool heard = frames > frames_;
    frames_ = frames;
    if (heard || !begun_) {
        begun_ = true;
        since_ = now;
        rung_ = heard ? 0 : rung_;
        return Repair::none;
    }
    if (limit_.count() <= 0 || rung_ >= 3 || now - since_ < limit_)
        return Repair::none;
    since_ = now;
    switch (++rung_) {
    case 1:
        ++relinks_;
        return Repair::relink;
    case 2:
        ++retypes_;
        return Repair::retype;
    default:
        return Repair::giveUp;
    }
}

} // namespace stinky::radio
