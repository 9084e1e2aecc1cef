#pragma once

#include "common/netlink.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace stinky::radio {

/// An address as its bytes: 4 or 16 of them.
using AddressBytes = std::string;

/// Reads one message of RTM_GETADDR's answer: the interface and the address that it has.
std::optional<std::pair<std::uint32_t, AddressBytes>> parseAddress(nlmsghdr* message);

/// Reads one message of sock_diag(7)'s answer: the local address of an established TCP connection to `port`
/// of this machine. An IPv4 address in IPv6's clothes (::ffff:192.0.2.1) is taken for the IPv4 one.
std::optional<AddressBytes> parseSession(nlmsghdr* message, std::uint16_t port);

/// The interfaces over whose addresses somebody has an open ssh session, here: a connection to port 22, or
/// to the port in $SSH_CONNECTION of the session that this runs in.
std::set<std::uint32_t> sessionInterfaces();

} // namespace stinky::radio
