#include "tak/tracks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

namespace stinky::tak {
namespace {

constexpr unsigned slotBits = 16;
constexpr std::uint64_t slotMask = (1U << slotBits) - 1;
constexpr std::size_t mostTracks = 65000; // fit slotMask
// There are some dozens of kinds of security; what is longer is no known one.
constexpr std::size_t mostAuthModes = 256;
constexpr std::size_t longestAuthMode = 64;
constexpr double degree = 1e7;              // of Track::sentLatitude
constexpr std::size_t smallestIndex = 1024; // grows with the tracks: a small one stays in the cache
constexpr double refreshSeconds = staleSeconds / 2;

std::uint64_t keyOf(const MacAddress& bssid) noexcept {
    std::uint64_t key = 0;
    std::memcpy(&key, bssid.octets.data(), bssid.octets.size());
    return key;
}

std::uint8_t strength(int rssi) noexcept {
    return static_cast<std::uint8_t>(rssi < 0 ? std::min(-rssi, 255) : 0);
}

std::uint64_t keyIn(std::uint64_t entry) noexcept {
    return entry >> slotBits;
}

} // namespace

Tracks::Tracks(TrackRules rules, std::uint64_t seed)
    : rules_(std::move(rules)), authModes_(mostAuthModes), seed_(seed) {
    rules_.capacity = std::clamp<std::size_t>(rules_.capacity, 1, mostTracks);
    index_.resize(smallestIndex);
    // Address space only: a page is used when a track is put there.
    tracks_.reserve(rules_.capacity);
    order_.reserve(rules_.capacity);
}

/// The finaliser of MurmurHash3 (public domain, Austin Appleby).
std::size_t Tracks::home(std::uint64_t key) const noexcept {
    std::uint64_t h = key ^ seed_;
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdU;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53U;
    return (h ^ h >> 33) & (index_.size() - 1);
}

std::uint64_t* Tracks::find(std::uint64_t key) noexcept {
    for (std::size_t i = home(key);; i = (i + 1) & (index_.size() - 1)) {
        if (index_[i] == 0)
            return nullptr;
        if (keyIn(index_[i]) == key)
            return &index_[i];
    }
}

Tracks::Slot Tracks::insert(std::uint64_t key) {
    Slot slot = 0;
    if (tracks_.size() < rules_.capacity) {
        slot = static_cast<Slot>(tracks_.size());
        tracks_.emplace_back();
        order_.emplace_back();
        if (tracks_.size() * 3 / 2 > index_.size())
            grow();
    } else {
        slot = oldest_;
        erase(keyOf(tracks_[slot].bssid));
        unlink(slot);
        // Queues that hold this slot still do: the newcomer takes that place.
        const std::uint16_t queued = tracks_[slot].queued;
        tracks_[slot] = {};
        tracks_[slot].queued = queued;
        ++letGo_;
    }
    put(key << slotBits | (slot + 1));
    return slot;
}

void Tracks::put(std::uint64_t entry) noexcept {
    std::size_t i = home(keyIn(entry));
    while (index_[i] != 0)
        i = (i + 1) & (index_.size() - 1);
    index_[i] = entry;
}

void Tracks::grow() {
    const std::vector<std::uint64_t> entries =
        std::exchange(index_, std::vector<std::uint64_t>(index_.size() * 2));
    for (const std::uint64_t entry : entries)
        if (entry != 0)
            put(entry);
}

void Tracks::erase(std::uint64_t key) noexcept {
    const std::size_t mask = index_.size() - 1;
    std::size_t hole = static_cast<std::size_t>(find(key) - index_.data());
    // Those behind it that belong at the hole or before it move up, so that no search ends too early.
    for (std::size_t i = (hole + 1) & mask; index_[i] != 0; i = (i + 1) & mask) {
        const std::size_t wanted = home(keyIn(index_[i]));
        if (((i - wanted) & mask) >= ((i - hole) & mask)) {
            index_[hole] = index_[i];
            hole = i;
        }
    }
    index_[hole] = 0;
}

void Tracks::link(Slot slot) noexcept {
    if (tracks_.size() == 1)
        oldest_ = slot;
    else
        order_[newest_].newer = static_cast<std::uint16_t>(slot);
    order_[slot].older = static_cast<std::uint16_t>(newest_);
    newest_ = slot;
}

void Tracks::unlink(Slot slot) noexcept {
    const Neighbours neighbours = order_[slot];
    if (slot == oldest_)
        oldest_ = neighbours.newer;
    else
        order_[neighbours.older].newer = neighbours.newer;
    if (slot == newest_)
        newest_ = neighbours.older;
    else
        order_[neighbours.newer].older = neighbours.older;
}

void Tracks::judge(Track& track) const {
    track.ignored = rules_.ignore.matches(track.bssid, track.ssid.view());
    track.highlight = rules_.highlight.colour(track.bssid, track.ssid.view()).value_or(0);
}

std::optional<Tracks::Slot> Tracks::see(const WigleView& row, double now) {
    const std::uint64_t key = keyOf(row.bssid);
    const std::uint64_t* entry = find(key);
    Slot slot = 0;
    if (entry == nullptr) {
        if (!rules_.clients && row.ssid.empty() && row.bssid.locallyAdministered()) {
            ++clientsLeftOut_;
            return std::nullopt;
        }
        slot = insert(key);
        tracks_[slot].bssid = row.bssid;
        link(slot);
    } else {
        slot = static_cast<Slot>((*entry & slotMask) - 1);
        if (slot != newest_) {
            unlink(slot);
            link(slot);
        }
    }

    Track& track = tracks_[slot];
    track.lastSeen = now;
    ++track.sightings;
    track.rssi = strength(row.rssi);
    if (track.rssi != 0 && (track.best == 0 || track.rssi < track.best))
        track.best = track.rssi;
    track.channel = static_cast<std::uint16_t>(std::clamp(row.channel, 0, 65535));
    track.frequencyMHz = row.frequencyMHz;
    // A network that hides its name for once keeps the one that it was heard by.
    if (entry == nullptr || (!row.ssid.empty() && row.ssid.substr(0, 32) != track.ssid.view())) {
        track.ssid.assign(row.ssid);
        judge(track);
    }
    if (const std::string_view mode = row.authMode.substr(0, longestAuthMode); track.authMode != mode)
        track.authMode = authModes_.keep(mode);
    const bool moved = track.estimate.add({row.latitude, row.longitude, row.rssi, row.accuracy});

    if (track.ignored)
        return std::nullopt;
    if (now - track.lastSent >= refreshSeconds)
        return slot;
    if (moved && track.estimate.metresFrom(track.sentLatitude / degree, track.sentLongitude / degree) >
                     track.estimate.error())
        return slot;
    return std::nullopt;
}

void Tracks::markSent(Slot slot, double now) noexcept {
    Track& track = tracks_[slot];
    track.lastSent = now;
    track.sentLatitude = static_cast<std::int32_t>(std::lround(track.estimate.latitude() * degree));
    track.sentLongitude = static_cast<std::int32_t>(std::lround(track.estimate.longitude() * degree));
}

} // namespace stinky::tak
