#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "tak/outputs/backoff.h"
#include "tak/outputs/output.h"
#include "tak/outputs/output_url.h"
#include "tak/outputs/resolver.h"
#include "tak/outputs/tls.h"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace stinky::tak {

struct StreamRules {
    BackoffRules backoff;
    std::chrono::milliseconds connectLimit{15000}; ///< for name, connection and TLS together
    std::chrono::milliseconds steadyAfter{
        10000}; ///< a connection that lasts so long starts the backoff anew
    /// How long the other side may leave data unacknowledged, or a question whether it is there.
    std::chrono::milliseconds deadAfter{20000};
};

/// tcp://host:port and tls://host:port: events one behind the other on one connection, which is made anew,
/// with growing pauses, for as long as it takes. What the other side sends is read and forgotten.
class StreamOutput : public Output {
public:
    StreamOutput(EventLoop& loop, OutputUrl url, TlsSettings tls, StreamRules rules, OutputEvents events);

    std::span<char> space() override;
    void commit(std::size_t length) override;
    void flush() override;

    bool drained() const override { return begin_ == end_; }

    /// Does not wait for the end of a pause then.
    void networkChanged() override;

private:
    enum class Phase { pause, resolving, connecting, handshake, up };

    void start();
    void connectNext();
    void onIo();
    void shakeHands();
    void becomeUp();
    void read();
    void write();
    void countSent(std::size_t bytes);
    void lose(const std::string& why);

    bool secure() const noexcept { return url_.scheme == OutputUrl::Scheme::tls; }

    EventLoop& loop_;
    OutputUrl url_;
    TlsSettings tlsSettings_;
    StreamRules rules_;
    Backoff backoff_;
    OutputEvents events_;
    Phase phase_ = Phase::pause;
    Resolver resolver_;
    std::vector<Address> addresses_; ///< still to try
    std::string problem_;            ///< of the addresses tried in this attempt
    Fd socket_;
    EventSource io_;
    std::unique_ptr<TlsSession> tls_;
    Timer timer_; ///< ends the pause or the attempt, or says that the connection is steady
    std::vector<char> buffer_;
    std::size_t begin_ = 0; ///< of what waits in `buffer_`
    std::size_t end_ = 0;
    std::deque<std::size_t> lengths_; ///< of the events that wait; the first one may be sent in part
    bool blocked_ = false;            ///< the kernel takes no more
};

} // namespace stinky::tak
