#include "radio/hold_policy.h"

namespace stinky::radio {

bool RetakeLimit::allow(Seconds now) {
    while (!taken_.empty() && now - taken_.front() >= span_)
        taken_.pop_front();
    if (taken_.size() >= most_)
        return false;
    taken_.push_back(now);
    return true;
}

} // namespace stinky::radio
