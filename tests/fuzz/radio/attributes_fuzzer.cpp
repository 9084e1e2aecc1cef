// The first byte says which reader, the rest is a message behind its netlink header. The header's length is
// what the receive loop has checked; all else is the sender's.

#include "common/nl80211.h"
#include "radio/events.h"
#include "radio/link.h"
#include "radio/rfkill.h"
#include "radio/sessions.h"

#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

using namespace stinky;
using namespace stinky::radio;

namespace {

void require(bool holds) {
    if (!holds)
        std::abort();
}

struct Freed {
    void operator()(nlmsghdr* message) const { std::free(message); }
};

// Of exactly its size, so that the sanitizer sees every byte that is read behind its end.
std::unique_ptr<nlmsghdr, Freed> message(const std::uint8_t* data, std::size_t size, std::uint16_t type) {
    const std::size_t length = NLMSG_HDRLEN + size;
    std::unique_ptr<nlmsghdr, Freed> header(static_cast<nlmsghdr*>(std::calloc(1, length)));
    header->nlmsg_len = static_cast<std::uint32_t>(length);
    header->nlmsg_type = type;
    if (size > 0)
        std::memcpy(reinterpret_cast<char*>(header.get()) + NLMSG_HDRLEN, data, size);
    return header;
}

void readWireless(nlmsghdr* header) {
    if (const auto interface = parseWifiInterface(header))
        require(interface->name.size() < header->nlmsg_len);
    std::vector<Wiphy> wiphys;
    parseWiphy(header, wiphys);
    parseWiphy(header, wiphys);
    require(wiphys.size() <= 1);
    Changes changes;
    readWirelessEvent(header, changes);
    require(changes.interfaces.size() <= 1);
}

void readLink(nlmsghdr* header) {
    if (const auto link = parseLink(header)) {
        require(link->index > 0);
        require(link->name.size() < header->nlmsg_len);
        require(!carriesDefaultRoute(link->index, {*link}, {}));
    }
    Changes changes;
    readLinkEvent(header, changes);
    require(changes.names.size() == changes.interfaces.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::uint8_t which = data[0] % 6;
    ++data;
    --size;
    switch (which) {
    case 0:
        readLink(message(data, size, RTM_NEWLINK).get());
        break;
    case 1:
        readWireless(message(data, size, 28).get());
        break;
    case 2:
        require(parseDefaultRoute(message(data, size, RTM_NEWROUTE).get()).size() <= size);
        break;
    case 3:
        if (const auto address = parseAddress(message(data, size, RTM_NEWADDR).get()))
            require(address->second.size() == 4 || address->second.size() == 16);
        break;
    case 4:
        if (const auto address = parseSession(message(data, size, SOCK_DIAG_BY_FAMILY).get(), 22))
            require(address->size() == 4 || address->size() == 16);
        break;
    default:
        require(parseRfkillEvent({reinterpret_cast<const char*>(data), size}).has_value() == (size >= 8));
    }
    return 0;
}
