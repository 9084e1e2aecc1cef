#include "tak/udp_output.h"

#include "common/error.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::string_view multicastScheme = "udp+multicast://";
constexpr std::string_view unicastScheme = "udp://";
// The mesh is one hop: access point and phones. 1 is also what every TAK client uses.
constexpr int multicastTtl = 1;

} // namespace

OutputUrl OutputUrl::parse(const std::string& text) {
    OutputUrl url;
    url.text = text;
    std::string_view rest = text;
    url.multicast = rest.starts_with(multicastScheme);
    if (!url.multicast && !rest.starts_with(unicastScheme))
        throw Error("use output", text, "expected udp://address:port or udp+multicast://group:port");
    rest.remove_prefix(url.multicast ? multicastScheme.size() : unicastScheme.size());

    const auto colon = rest.rfind(':');
    const std::string host(rest.substr(0, colon));
    unsigned port = 0;
    if (colon != std::string_view::npos) {
        const std::string_view digits = rest.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error != std::errc() || end != digits.data() + digits.size())
            port = 0;
    }
    if (port == 0 || port > 65535)
        throw Error("use output", text, "expected a port from 1 to 65535 at its end");
    url.address.sin_family = AF_INET;
    url.address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET, host.c_str(), &url.address.sin_addr) != 1)
        throw Error("use output", text, "expected an IPv4 address, not \"" + host + "\"");
    if (url.multicast != IN_MULTICAST(ntohl(url.address.sin_addr.s_addr)))
        throw Error("use output", text,
                    url.multicast ? "not a multicast group (224.0.0.0 to 239.255.255.255)"
                                  : "a multicast group needs udp+multicast://");
    return url;
}

UdpOutput::UdpOutput(OutputUrl url)
    : url_(std::move(url)), socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (!socket_)
        throw Error::fromErrno("open socket for", url_.text, errno);
    if (url_.multicast &&
        setsockopt(socket_.get(), IPPROTO_IP, IP_MULTICAST_TTL, &multicastTtl, sizeof multicastTtl) < 0)
        throw Error::fromErrno("set TTL for", url_.text, errno);
}

bool UdpOutput::send(std::string_view event) {
    const auto* address = reinterpret_cast<const sockaddr*>(&url_.address);
    if (sendto(socket_.get(), event.data(), event.size(), 0, address, sizeof url_.address) >= 0) {
        ++sent_;
        problem_.clear();
        return true;
    }
    ++failed_;
    problem_ = Error::fromErrno("send to", url_.text, errno).what();
    return false;
}

} // namespace stinky::tak
