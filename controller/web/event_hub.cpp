#include "web/event_hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <vector>

namespace stinky::web {

class EventHub::Client final : public Stream {
public:
    Client(EventHub* hub, std::uint64_t position, std::string first, Greeting greeting, Filter filter)
        : hub_(hub),
          position_(position),
          greeting_(std::move(greeting)),
          filter_(std::move(filter)),
          current_(std::make_shared<const std::string>(std::move(first))) {}

    ~Client() override {
        if (hub_ != nullptr)
            hub_->clients_.erase(this);
    }

    std::optional<std::size_t> read(char* buffer, std::size_t size) override {
        std::size_t put = 0;
        while (put < size && (current_ || next())) {
            const std::size_t length = std::min(size - put, current_->size() - offset_);
            std::memcpy(buffer + put, current_->data() + offset_, length);
            offset_ += length;
            put += length;
            // A greeting is this client's alone, and clients are many.
            if (offset_ == current_->size())
                current_.reset();
        }
        if (put == 0 && hub_ == nullptr)
            return {};
        return put;
    }

    void end() { hub_ = nullptr; }

private:
    bool next() {
        while (hub_ != nullptr && position_ < hub_->last_) {
            const Entry* entry = hub_->after(position_);
            if (entry == nullptr || entry->number > position_ + 1) {
                // Too slow, or away for too long.
                position_ = hub_->last_;
                take(std::make_shared<const std::string>(hub_->greet(greeting_, true)));
                return true;
            }
            position_ = entry->number;
            if (!filter_ || entry->kind.empty() || filter_(entry->kind, entry->klass, entry->priority)) {
                take(entry->text);
                return true;
            }
        }
        return false;
    }

    void take(std::shared_ptr<const std::string> text) {
        current_ = std::move(text);
        offset_ = 0;
    }

    EventHub* hub_;
    std::uint64_t position_; ///< number of the last event that was taken up
    Greeting greeting_;
    Filter filter_;
    std::shared_ptr<const std::string> current_; ///< null: all of it was read
    std::size_t offset_ = 0;
};

EventHub::~EventHub() {
    for (Client* client : clients_)
        client->end();
}

std::string EventHub::event(std::string_view kind, const std::string& json) {
    return fmt::format("event: {}\ndata: {}\n\n", kind, json);
}

void EventHub::publish(std::string_view kind, const std::string& json, std::string_view klass,
                       int priority) {
    const std::uint64_t number = ++last_;
    auto text = std::make_shared<const std::string>(
        kind.empty() ? json : fmt::format("id: {}-{}\n{}", instance_, number, event(kind, json)));
    bytes_ += text->size();
    entries_.push_back({number, std::string(kind), std::string(klass), priority, std::move(text)});
    while (bytes_ > mostBytes_ && entries_.size() > 1) {
        bytes_ -= entries_.front().text->size();
        entries_.pop_front();
    }
    wakeAll();
}

void EventHub::beat() {
    if (!clients_.empty())
        publish({}, event("beat", "{}"));
}

void EventHub::wakeAll() {
    for (Client* client : clients_)
        if (client->wake)
            client->wake();
}

const EventHub::Entry* EventHub::after(std::uint64_t number) const {
    if (entries_.empty())
        return nullptr;
    const std::uint64_t first = entries_.front().number;
    const std::uint64_t index = number + 1 > first ? number + 1 - first : 0;
    return index < entries_.size() ? &entries_[index] : nullptr;
}

std::string EventHub::greet(const Greeting& greeting, bool reset) const {
    const std::string text = (reset ? event("reset", "{}") : std::string()) + greeting();
    // One that is cut off before the next event resumes here too.
    return text.empty() ? text : fmt::format("id: {}-{}\n", instance_, last_) + text;
}

std::unique_ptr<Stream> EventHub::subscribe(std::string_view lastEventId, Greeting greeting, Filter filter) {
    std::uint64_t position = last_;
    bool resumes = false;
    const std::size_t dash = lastEventId.rfind('-');
    if (dash != std::string_view::npos && lastEventId.substr(0, dash) == instance_) {
        const std::string_view digits = lastEventId.substr(dash + 1);
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error == std::errc() && end == digits.data() + digits.size() && number <= last_) {
            position = number;
            resumes = true;
        }
    }
    // With an id of another run, or of none, it is not known what was missed.
    std::string first = resumes ? std::string() : greet(greeting, !lastEventId.empty());
    auto client =
        std::make_unique<Client>(this, position, std::move(first), std::move(greeting), std::move(filter));
    clients_.insert(client.get());
    return client;
}

void EventHub::endAll() {
    const std::vector<Client*> all(clients_.begin(), clients_.end());
    clients_.clear();
    for (Client* client : all) {
        client->end();
        if (client->wake)
            client->wake();
    }
}

void EventHub::forget() {
    entries_.clear();
    bytes_ = 0;
    ++last_;
}

} // namespace stinky::web
