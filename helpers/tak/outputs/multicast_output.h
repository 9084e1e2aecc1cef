#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "tak/outputs/datagrams.h"
#include "tak/outputs/interfaces.h"
#include "tak/outputs/output.h"
#include "tak/outputs/output_url.h"

#include <netinet/in.h>

#include <vector>

namespace stinky::tak {

/// udp+multicast://group:port: each event on every interface that can carry it. Without one, and while no
/// interface takes anything, events wait.
class MulticastOutput : public Output {
public:
    MulticastOutput(EventLoop& loop, OutputUrl url, OutputEvents events);

    std::span<char> space() override;
    void commit(std::size_t length) override;
    void flush() override;

    bool drained() const override { return waiting_.count() == 0; }

    void networkChanged() override;

    /// "wlan0 192.168.1.2, eth0 10.0.0.2"
    std::string interfaces() const;

private:
    struct Link {
        MulticastInterface interface;
        Fd socket;
        std::size_t first = 0; ///< of `waiting_`, those before it went this way
        std::string problem;
        bool blocked = false;
        EventSource writable;
    };

    void open(Link& link);
    void send(Link& link);
    void onPatienceEnd();

    EventLoop& loop_;
    OutputUrl url_;
    OutputEvents events_;
    sockaddr_in group_ = {};
    unsigned char ttl_ = 1;
    std::vector<std::unique_ptr<Link>> links_;
    Datagrams waiting_;
    Timer patience_; ///< with an interface whose socket stays full, while others wait for it
    bool failing_ = false;
};

} // namespace stinky::tak
