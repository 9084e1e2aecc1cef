#pragma once

#include "common/fd.h"

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace stinky::tak {

/// Where events go: "udp+multicast://239.2.3.1:6969" or "udp://192.168.1.20:6969", an IPv4 address and a
/// port.
struct OutputUrl {
    std::string text;
    bool multicast = false;
    sockaddr_in address = {};

    /// Throws Error that says what is wrong with the URL.
    static OutputUrl parse(const std::string& text);
};

/// Sends each event as one datagram. What cannot be sent is counted and told, never waited for.
class UdpOutput {
public:
    explicit UdpOutput(OutputUrl url);

    /// False when the datagram was not taken; problem() says why then.
    bool send(std::string_view event);

    const std::string& url() const noexcept { return url_.text; }

    std::uint64_t sent() const noexcept { return sent_; }

    std::uint64_t failed() const noexcept { return failed_; }

    /// Why the last datagram was not sent; empty after one that was.
    const std::string& problem() const noexcept { return problem_; }

private:
    OutputUrl url_;
    Fd socket_;
    std::uint64_t sent_ = 0;
    std::uint64_t failed_ = 0;
    std::string problem_;
};

} // namespace stinky::tak
