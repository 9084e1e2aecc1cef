#include "radio/sessions.h"

#include "common/error.h"

#include <linux/if_addr.h>
#include <linux/inet_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <sstream>

namespace stinky::radio {
namespace {

constexpr std::uint16_t sshPort = 22;

template <typename Header>
NlMessage makeDump(int type, const Header& header) {
    NlMessage message(nlmsg_alloc_simple(type, NLM_F_DUMP));
    Header copy = header;
    if (!message || nlmsg_append(message.get(), &copy, sizeof copy, NLMSG_ALIGNTO) < 0)
        throw Error::fromErrno("allocate", "netlink message", ENOMEM);
    return message;
}

std::set<std::uint16_t> sessionPorts() {
    std::set<std::uint16_t> ports = {sshPort};
    // "client-address client-port server-address server-port"
    const char* connection = std::getenv("SSH_CONNECTION");
    std::istringstream words(connection != nullptr ? connection : "");
    std::string client;
    std::string server;
    unsigned clientPort = 0;
    unsigned port = 0;
    if (words >> client >> clientPort >> server >> port && port > 0 && port < 65536)
        ports.insert(static_cast<std::uint16_t>(port));
    return ports;
}

std::set<AddressBytes> sessionAddresses(NetlinkSocket& diag) {
    std::set<AddressBytes> found;
    for (const unsigned char family : {AF_INET, AF_INET6}) {
        inet_diag_req_v2 request = {};
        request.sdiag_family = family;
        request.sdiag_protocol = IPPROTO_TCP;
        request.idiag_states = 1U << TCP_ESTABLISHED;
        const NlMessage message = makeDump(SOCK_DIAG_BY_FAMILY, request);
        diag.transact(message.get(), "read", "the open connections", [&](nlmsghdr* answer) {
            for (const std::uint16_t port : sessionPorts())
                if (auto address = parseSession(answer, port))
                    found.insert(std::move(*address));
        });
    }
    return found;
}

} // namespace

std::optional<std::pair<std::uint32_t, AddressBytes>> parseAddress(nlmsghdr* message) {
    if (message->nlmsg_type != RTM_NEWADDR)
        return std::nullopt;
    nlattr* attributes[IFA_MAX + 1] = {};
    if (!nlmsg_valid_hdr(message, sizeof(ifaddrmsg)) ||
        nlmsg_parse(message, sizeof(ifaddrmsg), attributes, IFA_MAX, nullptr) < 0)
        return std::nullopt;
    const auto* header = static_cast<const ifaddrmsg*>(nlmsg_data(message));
    // On a point-to-point link IFA_ADDRESS is the other end's.
    const nlattr* address =
        attributes[IFA_LOCAL] != nullptr ? attributes[IFA_LOCAL] : attributes[IFA_ADDRESS];
    if (address == nullptr || (nla_len(address) != 4 && nla_len(address) != 16))
        return std::nullopt;
    return std::pair(header->ifa_index, AddressBytes(static_cast<const char*>(nla_data(address)),
                                                     static_cast<std::size_t>(nla_len(address))));
}

std::optional<AddressBytes> parseSession(nlmsghdr* message, std::uint16_t port) {
    if (message->nlmsg_type != SOCK_DIAG_BY_FAMILY || !nlmsg_valid_hdr(message, sizeof(inet_diag_msg)))
        return std::nullopt;
    const auto* socket = static_cast<const inet_diag_msg*>(nlmsg_data(message));
    if (socket->idiag_state != TCP_ESTABLISHED || ntohs(socket->id.idiag_sport) != port)
        return std::nullopt;
    const std::string bytes(reinterpret_cast<const char*>(socket->id.idiag_src), 16);
    if (socket->idiag_family == AF_INET)
        return bytes.substr(0, 4);
    constexpr std::array<char, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};
    if (std::equal(mapped.begin(), mapped.end(), bytes.begin()))
        return bytes.substr(12);
    return bytes;
}

std::set<std::uint32_t> sessionInterfaces() {
    NetlinkSocket diag(NETLINK_SOCK_DIAG);
    const std::set<AddressBytes> sessions = sessionAddresses(diag);
    std::set<std::uint32_t> found;
    if (sessions.empty())
        return found;
    NetlinkSocket routes(NETLINK_ROUTE);
    const NlMessage message = makeDump(RTM_GETADDR, ifaddrmsg{});
    routes.transact(message.get(), "read", "the addresses of this machine", [&](nlmsghdr* answer) {
        if (const auto address = parseAddress(answer); address && sessions.contains(address->second))
            found.insert(address->first);
    });
    return found;
}

} // namespace stinky::radio
