#include "tak/tracks.h"

namespace stinky::tak {

Tracks::Tracks(std::size_t capacity, double refresh) : capacity_(capacity), refresh_(refresh) {}

bool Tracks::due(const WigleRow& row, double monotonic) {
    const auto found = index_.find(row.bssid);
    if (found != index_.end()) {
        order_.splice(order_.begin(), order_, found->second);
        if (monotonic - order_.front().lastSent < refresh_)
            return false;
        order_.front().lastSent = monotonic;
        return true;
    }
    if (index_.size() >= capacity_) {
        index_.erase(order_.back().bssid);
        order_.pop_back();
    }
    order_.push_front({row.bssid, monotonic});
    index_.emplace(row.bssid, order_.begin());
    return true;
}

} // namespace stinky::tak
