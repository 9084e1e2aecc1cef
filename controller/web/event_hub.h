#pragma once

#include "web/http.h"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace stinky::web {

/// Server-Sent Events (HTML standard, 9.2) to any number of clients from one bounded memory of the last
/// events. A client that comes back with the id of its last event gets what it missed; one that missed more
/// than is remembered gets the event "reset" and everything anew.
class EventHub {
public:
    /// Which events one client gets: by kind and class (of a log: its part).
    using Filter = std::function<bool(std::string_view kind, std::string_view klass, int priority)>;
    /// How things stand, as events; see event().
    using Greeting = std::function<std::string()>;

    /// `instance` makes ids of one run differ from those of another.
    EventHub(std::string instance, std::size_t mostBytes)
        : instance_(std::move(instance)), mostBytes_(mostBytes) {}

    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;
    /// Streams that outlive it end.
    ~EventHub();

    /// `json` must be on one line.
    void publish(std::string_view kind, const std::string& json, std::string_view klass = {},
                 int priority = 0);
    /// The event "beat" to all: tells clients, and us, that the other side is there. It has no id, and
    /// scripts hear it, unlike a comment.
    void beat();
    /// `greeting`: what a client gets first unless it resumes, and again when it has missed something. The
    /// first event of it gets the id at which the client goes on.
    std::unique_ptr<Stream> subscribe(std::string_view lastEventId, Greeting greeting, Filter filter = {});
    /// Ends all streams: their clients must show again who they are.
    void endAll();
    /// What was not published cannot be resumed: for times in which nobody listens.
    void forget();

    std::size_t clients() const noexcept { return clients_.size(); }

    /// The text of an event without an id.
    static std::string event(std::string_view kind, const std::string& json);

private:
    class Client;

    struct Entry {
        std::uint64_t number;
        std::string kind;
        std::string klass;
        int priority;
        std::shared_ptr<const std::string> text;
    };

    void wakeAll();
    /// A greeting with the id of now.
    std::string greet(const Greeting& greeting, bool reset) const;
    const Entry* after(std::uint64_t number) const;

    std::string instance_;
    std::size_t mostBytes_;
    std::size_t bytes_ = 0;
    std::uint64_t last_ = 0; ///< number of the newest event
    std::deque<Entry> entries_;
    std::set<Client*> clients_;
};

} // namespace stinky::web
