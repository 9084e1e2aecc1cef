#pragma once

#include "common/wigle_csv.h"
#include "tak/estimate.h"
#include "tak/patterns.h"
#include "tak/text_pool.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace stinky::tak {

/// A text of a bounded length without an allocation; what is longer is cut.
template <std::size_t Capacity>
class ShortText {
public:
    static_assert(Capacity < 256);

    void assign(std::string_view text) noexcept {
        size_ = static_cast<std::uint8_t>(std::min(text.size(), Capacity));
        std::copy_n(text.begin(), size_, bytes_.begin());
    }

    std::string_view view() const noexcept { return {bytes_.data(), size_}; }

private:
    std::array<char, Capacity> bytes_;
    std::uint8_t size_ = 0;
};

/// What is known of one access point. Times are seconds on the clock of whoever calls see().
struct alignas(64) Track {
    MacAddress bssid;
    bool ignored = false;     ///< by the lists: never sent
    std::uint8_t rssi = 0;    ///< of the last row: -dBm, 0 when unknown
    std::uint8_t best = 0;    ///< the strongest so far, likewise
    ShortText<32> ssid;       ///< on the air it has no more
    std::uint16_t queued = 0; ///< a bit for each output whose queue it is in; the queue's owner keeps it
    std::uint16_t channel = 0;
    std::uint32_t frequencyMHz = 0;
    std::uint32_t sightings = 0;
    std::int32_t highlight = 0;    ///< colour; 0, which is none to be seen, for that of the signal
    std::int32_t sentLatitude = 0; ///< 1e-7 degrees
    std::int32_t sentLongitude = 0;
    std::string_view authMode; ///< kept by Tracks
    double lastSeen = 0;
    double lastSent = -1e18;
    Estimate estimate;
};

static_assert(sizeof(Track) == 192, "10,000 of them are to take less than 2 MB, each in whole cache lines");

/// How long a client shows an access point that is not heard again, in seconds.
inline constexpr double staleSeconds = 600;

struct TrackRules {
    std::size_t capacity = 20000; ///< tracks, 1..65000
    bool clients = false;         ///< phones too: addresses of their own making, without an SSID
    PatternList ignore;
    HighlightList highlight;
};

/// One track for each BSSID: what is heard, where it most probably is, and when that is worth an event.
/// Pure: time comes as an argument. The hash is seeded, as the air chooses the keys.
class Tracks {
public:
    using Slot = std::uint32_t;

    Tracks(TrackRules rules, std::uint64_t seed);

    /// Takes a row in; the slot of its track when an event is due: it is new, it moved by more than its
    /// error, or half its stale time has passed. The caller then sends it and says so by markSent().
    std::optional<Slot> see(const WigleView& row, double now);

    void markSent(Slot slot, double now) noexcept;

    /// Valid for every slot that see() gave; after the track was let go it is that of another.
    Track& at(Slot slot) noexcept { return tracks_[slot]; }

    const Track& at(Slot slot) const noexcept { return tracks_[slot]; }

    std::size_t size() const noexcept { return tracks_.size(); }

    /// Tracks that were let go for newer ones.
    std::uint64_t letGo() const noexcept { return letGo_; }

    /// Rows of phones, which were left out.
    std::uint64_t clientsLeftOut() const noexcept { return clientsLeftOut_; }

    /// Calls `each(slot)` for all that were heard less than staleSeconds ago and are not ignored, the one
    /// heard last first.
    template <typename Each>
    void forEachCurrent(double now, const Each& each) const {
        Slot slot = newest_;
        for (std::size_t i = 0; i < tracks_.size() && now - tracks_[slot].lastSeen < staleSeconds; ++i) {
            if (!tracks_[slot].ignored)
                each(slot);
            slot = order_[slot].older;
        }
    }

private:
    struct Neighbours {
        std::uint16_t newer = 0;
        std::uint16_t older = 0;
    };

    std::size_t home(std::uint64_t key) const noexcept;
    std::uint64_t* find(std::uint64_t key) noexcept;
    Slot insert(std::uint64_t key);
    void put(std::uint64_t entry) noexcept;
    void grow();
    void erase(std::uint64_t key) noexcept;
    void link(Slot slot) noexcept;
    void unlink(Slot slot) noexcept;
    void judge(Track& track) const;

    TrackRules rules_;
    TextPool authModes_;
    std::uint64_t seed_;
    // Open addressing with linear probing; an entry is the key above and the slot + 1 in the lowest 16 bits.
    std::vector<std::uint64_t> index_;
    std::vector<Track> tracks_;
    std::vector<Neighbours> order_; ///< of hearing, a list: by itself, as each row touches three of them
    Slot newest_ = 0;
    Slot oldest_ = 0;
    std::uint64_t letGo_ = 0;
    std::uint64_t clientsLeftOut_ = 0;
};

} // namespace stinky::tak
