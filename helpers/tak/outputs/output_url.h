#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace stinky::tak {

/// One word of TAK_OUTPUTS=:
///   udp+multicast://239.2.3.1:6969[?ttl=1&interface=wlan0]
///   udp://host:port            tcp://host:port
///   tls://host:port[?name=HOST&pin=sha256:HEX&ca=FILE&cert=FILE&key=FILE&password-file=FILE]
/// `host` is a name, an IPv4 address, or an IPv6 address in brackets.
struct OutputUrl {
    enum class Scheme { multicast, udp, tcp, tls };

    std::string text;
    Scheme scheme = Scheme::udp;
    std::string host;
    std::uint16_t port = 0;
    std::map<std::string, std::string, std::less<>> options;

    /// Throws Error that says what is wrong with the URL.
    static OutputUrl parse(const std::string& text);

    /// The value of an option, or `fallback`.
    std::string option(const std::string& name, const std::string& fallback = {}) const;
};

} // namespace stinky::tak
