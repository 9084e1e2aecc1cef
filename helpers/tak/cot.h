#pragma once

#include "tak/tracks.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace stinky::tak {

using WallTime = std::chrono::system_clock::time_point;

/// The largest event that is sent: one UDP datagram that needs no fragment on Ethernet, VPNs and tunnels.
inline constexpr std::size_t largestEvent = 1400;

/// "2026-06-27T12:45:09.120Z", as CoT wants its times.
std::string cotTime(WallTime time);

/// A node's name, as it may stand in a uid: what is not a letter, a digit, '-' or '_' becomes '-', at most
/// 63 characters, never empty.
std::string uidName(std::string_view name);

/// Writes Cursor-on-Target 2.0 events for tracks, without an allocation for plain names. All uids come from
/// the node and the BSSID: the air cannot choose one.
class CotWriter {
public:
    /// `node`: of uidName().
    explicit CotWriter(std::string node);

    const std::string& node() const noexcept { return node_; }

    /// One event at `now`, for a track that was last heard `age` seconds ago; it goes stale with the track.
    /// Returns its length; `out` has room for largestEvent bytes.
    std::size_t write(std::span<char> out, const Track& track, WallTime now, double age);

private:
    /// The last second that was written out.
    struct Second {
        std::int64_t value = -1;
        std::array<char, 20> text; ///< "2026-06-27T12:45:09."
    };

    class Text;
    void writeTime(Text& text, WallTime time, Second& last);

    std::string node_;
    Second now_;
    Second stale_;
};

/// The sensor itself.
struct OwnPosition {
    double latitude = 0;
    double longitude = 0;
    std::optional<double> hae;    ///< m above the ellipsoid
    std::optional<double> ce;     ///< m
    std::optional<double> le;     ///< m
    std::optional<double> speed;  ///< m/s
    std::optional<double> course; ///< degrees from true north
};

/// How the sensor stands: a word (ok, waiting, degraded, fault) and a sentence, which may hold any bytes.
struct Health {
    std::string state;
    std::string text;
};

/// The sensor on the map: uid "stinky.<node>", with takv, track and its health; stale after `staleAfter`.
std::string ownPositionEvent(const std::string& node, const OwnPosition& position, const Health& health,
                             WallTime now, std::chrono::seconds staleAfter);

/// A marker that is gone after a minute, for `stinkyctl tak test`; nothing for an unknown position.
std::string testEvent(const std::string& node, const std::optional<OwnPosition>& position, WallTime now);

} // namespace stinky::tak
