#include "tak/sender.h"

#include "common/part_status.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace stinky::tak {

Sender::Sender(EventLoop& loop, unsigned number, std::string url, double rate, Tracks& tracks,
               CotWriter& writer, const MakeOutput& make, Events events)
    : bit_(static_cast<std::uint16_t>(1U << number)),
      url_(std::move(url)),
      bucket_(rate),
      tracks_(tracks),
      writer_(writer),
      events_(std::move(events)) {
    more_ = loop.addTimer(std::chrono::milliseconds(5), "rate of " + url_, [this] { pump(); });
    // It may say things while it is made: nobody listens to it then, and nothing is to be sent yet.
    output_ = make({[this] { onReady(); }, [this] { onFresh(); },
                    [this] {
                        if (output_)
                            events_.changed(*this);
                    }});
}

void Sender::queue(Tracks::Slot slot) {
    Track& track = tracks_.at(slot);
    if ((track.queued & bit_) != 0)
        return;
    track.queued |= bit_;
    queue_.push_back(slot);
}

void Sender::onFresh() {
    // Their order is that of hearing: what was heard last is the most worth.
    tracks_.forEachCurrent(monotonicSeconds(), [this](Tracks::Slot slot) { queue(slot); });
}

void Sender::onReady() {
    if (output_)
        pump();
}

void Sender::pump() {
    if (std::exchange(pumping_, true))
        return;
    if (pumpFirst())
        pumpTracks();
    output_->flush();
    pumping_ = false;
    if (idle())
        events_.idle();
}

bool Sender::pumpFirst() {
    if (first_.empty())
        return true;
    return sendNow(first_) ? (first_.clear(), true) : false;
}

void Sender::pumpTracks() {
    if (queue_.empty())
        return;
    const double now = monotonicSeconds();
    const WallTime wall = std::chrono::system_clock::now();
    const std::size_t allowed = bucket_.available(now);
    std::size_t sent = 0;
    while (!queue_.empty() && sent < allowed) {
        Track& track = tracks_.at(queue_.front());
        const double age = std::max(0.0, now - track.lastSeen);
        if (age < staleSeconds && !track.ignored) {
            const std::span<char> space = output_->space();
            if (space.empty())
                break;
            output_->commit(writer_.write(space, track, wall, age));
            ++sent;
        } else {
            ++staleDropped_;
        }
        track.queued &= static_cast<std::uint16_t>(~bit_);
        queue_.pop_front();
    }
    bucket_.take(sent);
    limited_ = !queue_.empty() && sent == allowed;
    if (limited_) {
        ++heldBack_;
        more_.arm(
            std::chrono::microseconds(static_cast<std::int64_t>(std::max(0.02, bucket_.wait()) * 1e6)));
    }
}

void Sender::sendFirst(std::string event) {
    first_ = std::move(event);
    pump();
}

bool Sender::sendNow(const std::string& event) {
    const std::span<char> space = output_->space();
    if (space.size() < event.size())
        return false;
    std::memcpy(space.data(), event.data(), event.size());
    output_->commit(event.size());
    output_->flush();
    return true;
}

nlohmann::json Sender::report(double now) const {
    const OutputStatus& status = output_->status();
    return {{"url", url_},
            {"up", status.up},
            {"sent", status.sent},
            {"queued", queue_.size()},
            {"held_back", limited_ ? queue_.size() : 0},
            {"dropped", status.dropped + staleDropped_},
            {"problem", status.problem},
            {"last_error", status.lastError},
            {"connected_since_s", status.since ? nlohmann::json(std::floor(now - *status.since)) : nullptr}};
}

} // namespace stinky::tak
