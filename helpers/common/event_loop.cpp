#include "common/event_loop.h"

#include "common/error.h"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

namespace stinky {

struct EventSource::Slot {
    EventLoop* loop = nullptr;
    std::string what;
    sd_event_source* source = nullptr;
    EventLoop::IoCallback io;
    EventLoop::InotifyCallback inotify;
    std::function<void()> plain;
    bool running = false; ///< its callback is on the stack
    bool dropped = false; ///< by its owner, while it was

    /// The fence around every callback: nothing is thrown into sd-event. A callback may drop the last owner
    /// of its own slot, and goes on with what it captured: the slot is deleted after it.
    template <typename Call>
    int guarded(const Call& call) noexcept {
        running = true;
        try {
            call();
        } catch (...) {
            loop->failure_ = std::current_exception();
            sd_event_exit(loop->handle(), EXIT_FAILURE);
        }
        running = false;
        if (dropped)
            delete this;
        return 0;
    }

    static int onIo(sd_event_source*, int, std::uint32_t revents, void* userdata) noexcept {
        Slot* slot = static_cast<Slot*>(userdata);
        return slot->guarded([&] { slot->io(revents); });
    }

    static int onTime(sd_event_source*, std::uint64_t, void* userdata) noexcept {
        Slot* slot = static_cast<Slot*>(userdata);
        return slot->guarded([&] { slot->plain(); });
    }

    static int onInotify(sd_event_source*, const inotify_event* event, void* userdata) noexcept {
        Slot* slot = static_cast<Slot*>(userdata);
        return slot->guarded([&] { slot->inotify(*event); });
    }
};

void EventSource::SlotDeleter::operator()(Slot* slot) const noexcept {
    slot->source = sd_event_source_disable_unref(slot->source);
    if (slot->running)
        slot->dropped = true;
    else
        delete slot;
}

void Timer::arm(std::chrono::microseconds after) {
    const auto usec = static_cast<std::uint64_t>(after.count() < 0 ? 0 : after.count());
    checked(sd_event_source_set_time_relative(slot_->source, usec), "arm timer", slot_->what);
    checked(sd_event_source_set_enabled(slot_->source, SD_EVENT_ONESHOT), "arm timer", slot_->what);
}

void Timer::disarm() {
    checked(sd_event_source_set_enabled(slot_->source, SD_EVENT_OFF), "disarm timer", slot_->what);
}

EventLoop::EventLoop() {
    sd_event* event = nullptr;
    checked(sd_event_new(&event), "create event loop");
    event_.reset(event);
}

EventSource EventLoop::addIo(int fd, std::uint32_t events, std::string what, IoCallback callback) {
    EventSource source(new EventSource::Slot);
    EventSource::Slot& slot = *source.slot_;
    slot.loop = this;
    slot.what = std::move(what);
    slot.io = std::move(callback);
    checked(sd_event_add_io(handle(), &slot.source, fd, events, EventSource::Slot::onIo, &slot), "watch",
            slot.what);
    sd_event_source_set_description(slot.source, slot.what.c_str());
    return source;
}

Timer EventLoop::addTimer(std::chrono::microseconds accuracy, std::string what,
                          std::function<void()> callback) {
    Timer timer(new EventSource::Slot);
    EventSource::Slot& slot = *timer.slot_;
    slot.loop = this;
    slot.what = std::move(what);
    slot.plain = std::move(callback);
    checked(sd_event_add_time_relative(handle(), &slot.source, CLOCK_MONOTONIC, 0,
                                       static_cast<std::uint64_t>(accuracy.count()),
                                       EventSource::Slot::onTime, &slot),
            "create timer", slot.what);
    sd_event_source_set_description(slot.source, slot.what.c_str());
    timer.disarm();
    return timer;
}

EventSource EventLoop::addInotify(const std::string& path, std::uint32_t mask, InotifyCallback callback) {
    EventSource source(new EventSource::Slot);
    EventSource::Slot& slot = *source.slot_;
    slot.loop = this;
    slot.what = path;
    slot.inotify = std::move(callback);
    checked(sd_event_add_inotify(handle(), &slot.source, path.c_str(), mask, EventSource::Slot::onInotify,
                                 &slot),
            "watch", path);
    return source;
}

void EventLoop::exitOnSignals(std::int64_t priority) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, nullptr) < 0)
        throw Error::fromErrno("block signals", {}, errno);
    for (const int signal : {SIGTERM, SIGINT}) {
        sd_event_source* source = nullptr;
        // Without a callback sd-event ends the loop with the userdata as its exit code.
        checked(sd_event_add_signal(handle(), &source, signal, nullptr, nullptr), "watch",
                strsignal(signal));
        sd_event_source_set_priority(source, priority);
        sd_event_source_set_floating(source, 1);
        sd_event_source_unref(source);
    }
}

void EventLoop::enableWatchdog() {
    checked(sd_event_set_watchdog(handle(), 1), "enable watchdog");
}

void EventLoop::rethrow() {
    if (failure_)
        std::rethrow_exception(std::exchange(failure_, nullptr));
}

int EventLoop::run() {
    const int code = sd_event_loop(handle());
    rethrow();
    return checked(code, "run event loop");
}

bool EventLoop::runOnce(std::chrono::microseconds limit) {
    const int dispatched = sd_event_run(handle(), static_cast<std::uint64_t>(limit.count()));
    rethrow();
    return checked(dispatched, "run event loop") > 0;
}

void EventLoop::exit(int code) {
    checked(sd_event_exit(handle(), code), "end event loop");
}

} // namespace stinky
