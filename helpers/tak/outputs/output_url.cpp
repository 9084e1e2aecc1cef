#include "tak/outputs/output_url.h"

#include "common/error.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <utility>

namespace stinky::tak {
namespace {

struct SchemeRule {
    std::string_view prefix;
    OutputUrl::Scheme scheme;
    std::initializer_list<std::string_view> options;
};

const SchemeRule rules[] = {
    {"udp+multicast://", OutputUrl::Scheme::multicast, {"ttl", "interface"}},
    {"udp://", OutputUrl::Scheme::udp, {}},
    {"tcp://", OutputUrl::Scheme::tcp, {}},
    {"tls://", OutputUrl::Scheme::tls, {"name", "pin", "ca", "cert", "key", "password-file"}},
};

const SchemeRule& ruleOf(const std::string& text) {
    for (const SchemeRule& rule : rules)
        if (text.starts_with(rule.prefix))
            return rule;
    throw Error("use output", text, "expected udp+multicast://, udp://, tcp:// or tls:// before host:port");
}

void parseOptions(OutputUrl& url, const SchemeRule& rule, std::string_view query) {
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const auto equals = pair.find('=');
        const std::string name(pair.substr(0, equals));
        if (std::find(rule.options.begin(), rule.options.end(), name) == rule.options.end())
            throw Error("use output", url.text, "no such option here: " + name);
        if (equals == std::string_view::npos || equals + 1 == pair.size())
            throw Error("use output", url.text, "expected a value after " + name + "=");
        url.options[name] = pair.substr(equals + 1);
    }
}

void parseHostPort(OutputUrl& url, std::string_view text) {
    const auto colon = text.rfind(':');
    unsigned port = 0;
    if (colon != std::string_view::npos) {
        const std::string_view digits = text.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
        if (error != std::errc() || end != digits.data() + digits.size())
            port = 0;
    }
    if (port == 0 || port > 65535)
        throw Error("use output", url.text, "expected a port from 1 to 65535 after the host");
    url.port = static_cast<std::uint16_t>(port);
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']'))
        host = host.substr(1, host.size() - 2);
    else if (host.find(':') != std::string_view::npos)
        throw Error("use output", url.text, "an IPv6 address stands in brackets");
    if (host.empty() || host.find_first_of("/@ ") != std::string_view::npos)
        throw Error("use output", url.text, "expected a host and a port");
    url.host = host;
}

void checkGroup(const OutputUrl& url) {
    in_addr address = {};
    const bool ipv4 = inet_pton(AF_INET, url.host.c_str(), &address) == 1;
    const bool group = ipv4 && IN_MULTICAST(ntohl(address.s_addr));
    if (url.scheme == OutputUrl::Scheme::multicast && !group)
        throw Error("use output", url.text, "not a multicast group (224.0.0.0 to 239.255.255.255)");
    if (url.scheme != OutputUrl::Scheme::multicast && group)
        throw Error("use output", url.text, "a multicast group needs udp+multicast://");
    const std::string ttl = url.option("ttl", "1");
    int value = 0;
    const auto [end, error] = std::from_chars(ttl.data(), ttl.data() + ttl.size(), value);
    if (error != std::errc() || end != ttl.data() + ttl.size() || value < 0 || value > 255)
        throw Error("use output", url.text, "expected a ttl from 0 to 255");
}

void checkPin(const OutputUrl& url) {
    constexpr std::string_view prefix = "sha256:";
    const std::string pin = url.option("pin");
    if (pin.empty())
        return;
    if (!pin.starts_with(prefix) || pin.size() != prefix.size() + 64 ||
        pin.find_first_not_of("0123456789abcdefABCDEF", prefix.size()) != std::string::npos)
        throw Error("use output", url.text, "expected pin=sha256: and the 64 hexadecimal digits of the key");
}

} // namespace

OutputUrl OutputUrl::parse(const std::string& text) {
    const SchemeRule& rule = ruleOf(text);
    OutputUrl url;
    url.text = text;
    url.scheme = rule.scheme;
    std::string_view rest = text;
    rest.remove_prefix(rule.prefix.size());
    const auto question = rest.find('?');
    if (question != std::string_view::npos) {
        parseOptions(url, rule, rest.substr(question + 1));
        rest = rest.substr(0, question);
    }
    parseHostPort(url, rest);
    checkGroup(url);
    checkPin(url);
    return url;
}

std::string OutputUrl::option(const std::string& name, const std::string& fallback) const {
    const auto found = options.find(name);
    return found == options.end() ? fallback : found->second;
}

} // namespace stinky::tak
