#pragma once

#include "common/event_loop.h"
#include "tak/cot.h"
#include "tak/outputs/output.h"
#include "tak/token_bucket.h"
#include "tak/tracks.h"

#include <nlohmann/json.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <string>

namespace stinky::tak {

/// One output with its queue. What waits is tracks, not events (docs/adr/0051): an access point that is
/// heard again while it waits is sent once, with what is known when its turn comes, and no queue outgrows
/// the tracks.
class Sender {
public:
    using MakeOutput = std::function<std::unique_ptr<Output>(OutputEvents)>;

    struct Events {
        std::function<void(Sender&)> changed; ///< it came up or failed
        std::function<void()> idle;           ///< nothing waits any more
    };

    /// `number`, 0..15, is its bit in Track::queued.
    Sender(EventLoop& loop, unsigned number, std::string url, double rate, Tracks& tracks, CotWriter& writer,
           const MakeOutput& make, Events events);

    /// Puts a track in the queue, once. pump() sends it.
    void queue(Tracks::Slot slot);
    /// Sends what may go now.
    void pump();
    /// Sends a whole event before all tracks, as soon as possible; of several that wait the last one.
    void sendFirst(std::string event);
    /// The same, but now or not at all: false when the output takes nothing.
    bool sendNow(const std::string& event);

    void networkChanged() { output_->networkChanged(); }

    bool idle() const { return queue_.empty() && first_.empty() && output_->drained(); }

    const std::string& url() const noexcept { return url_; }

    const OutputStatus& status() const noexcept { return output_->status(); }

    /// For the status file.
    nlohmann::json report(double now) const;

private:
    void onFresh();
    void onReady();
    bool pumpFirst();
    void pumpTracks();

    std::uint16_t bit_;
    std::string url_;
    TokenBucket bucket_;
    Tracks& tracks_;
    CotWriter& writer_;
    Events events_;
    Timer more_; ///< when the bucket is empty
    std::deque<Tracks::Slot> queue_;
    std::string first_;
    std::uint64_t heldBack_ = 0; ///< times that the bucket was empty with tracks waiting
    std::uint64_t staleDropped_ = 0;
    bool limited_ = false; ///< the bucket is what they wait for
    bool pumping_ = false;
    std::unique_ptr<Output> output_;
};

} // namespace stinky::tak
