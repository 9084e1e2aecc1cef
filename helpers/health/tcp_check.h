#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "health/check.h"

#include <vector>

struct addrinfo;

namespace stinky::health {

/// A port that takes a connection. Numeric addresses and "localhost" only: asking a name server would block.
class TcpCheck : public Check {
public:
    /// Throws Error when `options.name` is none of its form.
    TcpCheck(EventLoop& loop, const CheckOptions& options);
    void look(Done done) override;

private:
    void onConnected();
    void end(int err);

    EventLoop& loop_;
    std::string name_;
    std::chrono::milliseconds timeout_;
    std::vector<char> address_; ///< a sockaddr
    Fd socket_;
    EventSource writable_;
    Timer timer_;
    Done done_;
};

} // namespace stinky::health
