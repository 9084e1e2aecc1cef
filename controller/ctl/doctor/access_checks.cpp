#include "ctl/doctor/check_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace stinky::ctl {
namespace {

struct OurPort {
    std::string port;
    std::vector<std::string_view> ours; ///< as the kernel keeps them, of 15 characters at most
    const char* what;
};

/// Of "127.0.0.1:5000".
std::string portOf(const std::string& address) {
    return address.substr(address.rfind(':') + 1);
}

/// Of "127.0.0.1:5000", "[::1]:5000" and "localhost:5000".
bool isLoopback(std::string_view address) {
    return address.starts_with("127.") || address.starts_with("[::1]:") || address.starts_with("localhost:");
}

/// The addresses of LISTEN= that others can reach.
std::vector<std::string> openAddresses(const Facts& f) {
    std::vector<std::string> open = f.config.list("LISTEN");
    std::erase_if(open, isLoopback);
    return open;
}

/// The ports of TCP on which the settings have us and ours listen.
std::vector<OurPort> ourPorts(const Config& config) {
    std::vector<OurPort> ports;
    ports.push_back({portOf(config.text("GPSD")), {"gpsd", "systemd"}, "gpsd"});
    if (config.text("SCANNER") == "auto" || config.text("SCANNER") == "kismet")
        ports.push_back({portOf(config.text("KISMET_LISTEN")), {"kismet"}, "Kismet"});
    for (const std::string& address : config.list("LISTEN"))
        ports.push_back({portOf(address), {"systemd", "stinky-controll"}, "the web page"});
    return ports;
}

} // namespace

Check checkPorts(const Facts& f) {
    for (const OurPort& port : ourPorts(f.config))
        for (const Listener& listener : f.listeners) {
            if (std::to_string(listener.port) != port.port || listener.protocol != "tcp" ||
                listener.owners.empty())
                continue;
            const bool fine = std::ranges::any_of(listener.owners, [&](const std::string& owner) {
                return std::ranges::find(port.ours, owner) != port.ours.end();
            });
            if (!fine)
                return fault(
                    "ports", fmt::format("port {} belongs to {}", port.port, joined(listener.owners)),
                    fmt::format("{} needs it", port.what), "stop that program, or give it another port");
        }
    if (!f.root)
        return skipped("ports", "whose a port is is seen by root only: sudo stinkyctl doctor");
    return ok("ports", "no other program has our ports");
}

Check checkSecrets(const Facts& f) {
    constexpr unsigned others = 07;
    for (const SecretFacts& secret : f.secrets)
        if ((secret.mode & others) != 0)
            return fault("secrets",
                         fmt::format("{} can be read by everybody ({:04o})", secret.path, secret.mode),
                         "whoever is on the machine can send as this sensor", "chmod o= " + secret.path);
    if (f.secretsHidden)
        return skipped("secrets", "where some lie is seen by root only: sudo stinkyctl doctor");
    return ok("secrets", f.secrets.empty() ? "there are no secrets" : "secrets are not open to everybody");
}

Check checkLegacyOpen(const Facts& f) {
    const std::string& networks = f.config.text("LEGACY_OPEN");
    if (networks.empty())
        return ok("web-legacy-open", "the old routes need the token too");
    return warning("web-legacy-open", "LEGACY_OPEN=" + networks + " asks nobody there for a token",
                   "from there anybody may start and stop the survey and see where it is",
                   "give the token to what calls from there (stinkyctl token), then empty LEGACY_OPEN=");
}

Check checkWebAccess(const Facts& f) {
    const std::vector<std::string> open = openAddresses(f);
    if (!open.empty() && f.config.text("OPEN_READS") == "yes")
        return warning("web-access", "OPEN_READS=yes, and LISTEN= is open to others: " + joined(open),
                       "everybody who reaches the port sees the positions and may download the captures",
                       "set OPEN_READS=no, or LISTEN= to an address that only you reach");
    if (!f.webToken)
        return warning("web-access",
                       open.empty()
                           ? "the page has no token"
                           : "the page has no token, and LISTEN= is open to others: " + joined(open),
                       "nobody can log in to the page, start or stop there", "stinkyctl token --new");
    return ok("web-access", open.empty()
                                ? "the page answers on this machine only"
                                : "the page is open to others, who need the token: " + joined(open));
}

} // namespace stinky::ctl
