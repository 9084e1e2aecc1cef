#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "tak/outputs/backoff.h"
#include "tak/outputs/datagrams.h"
#include "tak/outputs/output.h"
#include "tak/outputs/output_url.h"
#include "tak/outputs/resolver.h"

namespace stinky::tak {

/// udp://host:port. Events that the network does not take (no route, no name, a full socket) wait; the
/// socket is made anew and tried again.
class UdpOutput : public Output {
public:
    UdpOutput(EventLoop& loop, OutputUrl url, BackoffRules backoff, OutputEvents events);

    std::span<char> space() override;
    void commit(std::size_t length) override;
    void flush() override;

    bool drained() const override { return waiting_.count() == first_; }

    void networkChanged() override;

private:
    void open();
    void connectTo(const Address& address);
    void fail(std::string why);
    void onError(int error);

    EventLoop& loop_;
    OutputUrl url_;
    Backoff backoff_;
    OutputEvents events_;
    Resolver resolver_;
    Fd socket_;
    EventSource writable_;
    Timer retry_;
    Datagrams waiting_;
    std::size_t first_ = 0; ///< of `waiting_`, those before it are sent
    double refused_ = -1e9; ///< CLOCK_MONOTONIC of the last time that nobody listened
    bool blocked_ = false;  ///< the socket is full
    bool announce_ = false; ///< came up after a failure: what was sent before may not have arrived
};

} // namespace stinky::tak
