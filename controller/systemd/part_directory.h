#pragma once

#include "common/event_loop.h"
#include "core/world.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace stinky::systemd {

/// Follows the status files of the parts by inotify: in a folder that may not be there yet, may go and come
/// back, and may hold anything. A file is read at once, and at most ten times a second however often it is
/// written.
class PartDirectory {
public:
    /// `changed` gets all parts after each change; `expired` is called when a report has gone stale. Nothing
    /// is called before start().
    PartDirectory(EventLoop& loop, std::string path,
                  std::function<void(std::vector<core::PartView>)> changed, std::function<void()> expired);
    PartDirectory(const PartDirectory&) = delete;
    PartDirectory& operator=(const PartDirectory&) = delete;

    /// Throws Error when inotify itself is not to be had.
    void start();

private:
    void watch();
    bool watchFolder();
    bool watchAncestor();
    void onEvent(const inotify_event& event);
    void scan();
    void flush();
    void armExpiry();

    EventLoop& loop_;
    std::string path_;
    std::function<void(std::vector<core::PartView>)> changed_;
    std::function<void()> expired_;
    EventSource source_;
    /// The watch is on the folder itself, not on one above it. The folder is not kept open: the kernel tells
    /// of its removal only when the last reference is gone.
    bool watched_ = false;
    std::map<std::string, core::PartView> parts_;
    std::set<std::string> dirty_;
    double lastFlush_ = -1e9; ///< seconds of CLOCK_MONOTONIC
    bool flushArmed_ = false;
    bool rewatchNeeded_ = false;
    Timer flushTimer_;
    Timer expiryTimer_;
};

} // namespace stinky::systemd
