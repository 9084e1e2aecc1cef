#pragma once

#include "common/event_loop.h"
#include "common/fd.h"

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace stinky::web {

/// An accepted connection.
struct Arrival {
    Fd fd;
    sockaddr_storage address = {};
    socklen_t addressSize = 0;
};

/// Accepts connections on a listening stream socket and keeps those that say nothing: until its first byte
/// one costs a descriptor and a hundred bytes, and none of what a server needs to read a request.
class Listener {
public:
    /// Called with a connection that has something to read, or has ended. It may throw.
    using Spoken = std::function<void(Arrival)>;
    /// How many connections others have that were handed out.
    using Others = std::function<std::size_t()>;
    using Complain = std::function<void(const std::string&)>;

    /// At most `most` connections in all: beyond that the one that has been silent for longest makes room,
    /// and when there is none the kernel keeps the next ones until makeRoom(). One that is silent for `idle`
    /// is closed. Throws Error.
    Listener(EventLoop& loop, Fd listening, std::size_t most, std::chrono::seconds idle, Spoken spoken,
             Others others, Complain complain);

    /// Those that have said nothing yet.
    std::size_t silent() const noexcept { return silent_.size(); }

    /// One that was handed out has ended.
    void makeRoom();

private:
    struct Silent {
        Arrival arrival;
        double until = 0; ///< seconds of CLOCK_MONOTONIC
    };

    void listen();
    void accept();
    bool acceptOne();
    void keep(Arrival arrival);
    void hear();
    void close();
    void arm();

    EventLoop& loop_;
    Fd listening_;
    std::size_t most_;
    std::chrono::seconds idle_;
    Spoken spoken_;
    Others others_;
    Complain complain_;
    Fd poll_; ///< an epoll of all that are silent: one source of the loop, however many they are
    std::map<std::uint64_t, Silent> silent_; ///< in the order in which they came
    std::uint64_t last_ = 0;
    Timer timer_;
    bool armed_ = false;
    bool failed_ = false; ///< to accept, and not tried again yet
    EventSource heard_;
    EventSource incoming_; ///< none while there is no room
};

} // namespace stinky::web
