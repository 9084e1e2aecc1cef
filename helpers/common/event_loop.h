#pragma once

#include <systemd/sd-event.h>

#include <sys/inotify.h>

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

namespace stinky {

/// An event source that is removed from its loop when this goes. Typed, movable, made by EventLoop.
class EventSource {
public:
    EventSource() noexcept = default;

    bool active() const noexcept { return slot_ != nullptr; }

    void reset() noexcept { slot_.reset(); }

protected:
    friend class EventLoop;
    struct Slot;

    struct SlotDeleter {
        void operator()(Slot* slot) const noexcept;
    };

    explicit EventSource(Slot* slot) noexcept : slot_(slot) {}

    std::unique_ptr<Slot, SlotDeleter> slot_;
};

/// A one-shot timer on CLOCK_MONOTONIC (a first GPS fix may step the wall clock).
class Timer : public EventSource {
public:
    Timer() noexcept = default;
    /// Fires once, `after` from now; an armed timer is moved.
    void arm(std::chrono::microseconds after);
    void disarm();

private:
    friend class EventLoop;
    using EventSource::EventSource;
};

/// sd-event with C++ callbacks. A callback may throw: the exception ends the loop and leaves run(), it never
/// passes through C frames.
class EventLoop {
public:
    using IoCallback = std::function<void(std::uint32_t revents)>;
    using InotifyCallback = std::function<void(const inotify_event&)>;

    EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// `events`: EPOLLIN, EPOLLOUT, ...; the descriptor stays the caller's. `what` names the source in
    /// errors.
    [[nodiscard]] EventSource addIo(int fd, std::uint32_t events, std::string what, IoCallback callback);
    /// Made disarmed. `accuracy` lets the kernel join wake-ups: give what the work can bear.
    [[nodiscard]] Timer addTimer(std::chrono::microseconds accuracy, std::string what,
                                 std::function<void()> callback);
    /// `mask`: IN_* of inotify(7).
    [[nodiscard]] EventSource addInotify(const std::string& path, std::uint32_t mask,
                                         InotifyCallback callback);
    /// SIGTERM and SIGINT end the loop with exit code 0. Other threads must not exist yet: the signals are
    /// blocked. `priority`: of sd_event_source_set_priority(3), for who must hear of them before or after
    /// what else is due.
    void exitOnSignals(std::int64_t priority = SD_EVENT_PRIORITY_NORMAL);
    /// Answers systemd's WatchdogSec= for as long as the loop turns.
    void enableWatchdog();

    /// Runs until exit() or a signal; rethrows what a callback threw. Returns the exit code.
    int run();
    /// One turn, at most `limit` long; true when something was dispatched. For tests.
    bool runOnce(std::chrono::microseconds limit);
    void exit(int code);

    sd_event* handle() const noexcept { return event_.get(); }

private:
    friend struct EventSource::Slot;

    struct EventDeleter {
        void operator()(sd_event* event) const noexcept { sd_event_unref(event); }
    };

    void rethrow();

    std::unique_ptr<sd_event, EventDeleter> event_;
    std::exception_ptr failure_;
};

} // namespace stinky
