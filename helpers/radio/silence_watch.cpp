#include "radio/silence_watch.h"

#include "common/error.h"
#include "common/log.h"
#include "common/part_status.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace stinky::radio {
namespace {

/// Frames are counted until the first, for at most 2 s.
constexpr std::chrono::milliseconds firstEvery{200};
constexpr unsigned firstLooks = 10;

} // namespace

SilenceWatch::SilenceWatch(EventLoop& loop, RouteSocket& routes, std::chrono::seconds limit,
                           std::function<void(SilenceLadder::Repair)> act)
    : routes_(routes),
      limit_(limit),
      act_(std::move(act)),
      ladder_(limit),
      first_(loop.addTimer(std::chrono::milliseconds(50), "first frames", [this] { onFirst(); })),
      look_(loop.addTimer(limit / 10, "silence", [this] { onLook(); })) {}

void SilenceWatch::countFirst(std::uint32_t index, const std::string& name) {
    index_ = index;
    name_ = name;
    first_.arm(std::chrono::seconds(0));
}

void SilenceWatch::onFirst() {
    const auto now = framesNow();
    if (!now)
        return;
    const std::uint64_t frames = *now;
    const std::uint64_t heard = frames - std::min(frames, framesAtFirst_.value_or(frames));
    framesAtFirst_ = framesAtFirst_.value_or(frames);
    if (heard == 0 && firstLooks_++ < firstLooks) {
        first_.arm(firstEvery);
        return;
    }
    log::info("radio-frames",
              heard > 0 ? fmt::format("{} hears: {} frames so far", name_, heard)
                        : fmt::format("{} has heard nothing in its first 2 s on its present channel", name_),
              {{"STINKY_INTERFACE", name_}});
}

void SilenceWatch::onLink(const Link& link) {
    index_ = link.index;
    name_ = link.name;
    if (limit_.count() == 0 || std::exchange(listening_, link.promiscuity > 0) == listening_)
        return;
    if (!listening_) {
        look_.disarm();
        return;
    }
    ladder_.begin(link.frames, std::chrono::duration<double>(monotonicSeconds()));
    look_.arm(std::chrono::microseconds(limit_) / 2);
}

void SilenceWatch::onLook() {
    look_.arm(std::chrono::microseconds(limit_) / 2);
    if (const auto frames = framesNow())
        act_(ladder_.look(*frames, std::chrono::duration<double>(monotonicSeconds())));
}

// Nothing when the card is gone: its own announcement follows.
std::optional<std::uint64_t> SilenceWatch::framesNow() {
    try {
        return routes_.link(index_, name_).frames;
    } catch (const Error& e) {
        if (e.code() == ENODEV)
            return std::nullopt;
        throw;
    }
}

} // namespace stinky::radio
