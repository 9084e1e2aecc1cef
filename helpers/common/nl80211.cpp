#include "common/nl80211.h"

#include "common/error.h"

#include <linux/nl80211.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include <net/if.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace stinky {
namespace {

using Attributes = std::array<nlattr*, NL80211_ATTR_MAX + 1>;

// Only what is read below has a policy: libnl refuses a message in which one of these is too short.
// NLA_STRING, since for that alone libnl looks whether the text has an end; for NLA_NUL_STRING it does not.
bool parseAttributes(nlmsghdr* message, Attributes& attributes) {
    static nla_policy policy[NL80211_ATTR_MAX + 1] = {};
    static const bool filled = [] {
        policy[NL80211_ATTR_WIPHY].type = NLA_U32;
        policy[NL80211_ATTR_WIPHY_NAME].type = NLA_STRING;
        policy[NL80211_ATTR_IFINDEX].type = NLA_U32;
        policy[NL80211_ATTR_IFNAME].type = NLA_STRING;
        policy[NL80211_ATTR_IFTYPE].type = NLA_U32;
        policy[NL80211_ATTR_MAC].minlen = 6;
        policy[NL80211_ATTR_WIPHY_FREQ].type = NLA_U32;
        policy[NL80211_ATTR_REG_ALPHA2].type = NLA_STRING;
        return true;
    }();
    static_cast<void>(filled);
    attributes.fill(nullptr);
    if (!genlmsg_valid_hdr(message, 0))
        return false;
    return genlmsg_parse(message, 0, attributes.data(), NL80211_ATTR_MAX, policy) >= 0;
}

void parseChannel(nlattr* nested, Wiphy& wiphy) {
    nlattr* attributes[NL80211_FREQUENCY_ATTR_MAX + 1] = {};
    if (nla_parse_nested(attributes, NL80211_FREQUENCY_ATTR_MAX, nested, nullptr) < 0)
        return;
    const nlattr* frequency = attributes[NL80211_FREQUENCY_ATTR_FREQ];
    if (frequency == nullptr || nla_len(frequency) < 4)
        return;
    WifiChannel channel;
    channel.frequencyMHz = nla_get_u32(frequency);
    channel.disabled = attributes[NL80211_FREQUENCY_ATTR_DISABLED] != nullptr;
    channel.noIr = attributes[NL80211_FREQUENCY_ATTR_NO_IR] != nullptr;
    // A split dump sends the channels of a band in several messages; none comes twice in sane ones.
    const bool known =
        std::any_of(wiphy.channels.begin(), wiphy.channels.end(),
                    [&](const WifiChannel& other) { return other.frequencyMHz == channel.frequencyMHz; });
    if (!known)
        wiphy.channels.push_back(channel);
}

void parseBands(nlattr* bands, Wiphy& wiphy) {
    nlattr* band = nullptr;
    int bandsLeft = 0;
    nla_for_each_nested(band, bands, bandsLeft) {
        nlattr* attributes[NL80211_BAND_ATTR_MAX + 1] = {};
        if (nla_parse_nested(attributes, NL80211_BAND_ATTR_MAX, band, nullptr) < 0)
            continue;
        if (attributes[NL80211_BAND_ATTR_FREQS] == nullptr)
            continue;
        nlattr* channel = nullptr;
        int channelsLeft = 0;
        nla_for_each_nested(channel, attributes[NL80211_BAND_ATTR_FREQS], channelsLeft)
            parseChannel(channel, wiphy);
    }
}

} // namespace

std::optional<WifiInterface> parseWifiInterface(nlmsghdr* message) {
    Attributes attributes;
    if (!parseAttributes(message, attributes))
        return std::nullopt;
    const auto has = [&](int attribute) {
        return attributes[static_cast<std::size_t>(attribute)] != nullptr;
    };
    // A wdev without a netdev (P2P device) has neither index nor name.
    if (!has(NL80211_ATTR_IFINDEX) || !has(NL80211_ATTR_IFNAME) || !has(NL80211_ATTR_IFTYPE) ||
        !has(NL80211_ATTR_WIPHY))
        return std::nullopt;
    WifiInterface interface;
    interface.index = nla_get_u32(attributes[NL80211_ATTR_IFINDEX]);
    interface.name = nla_get_string(attributes[NL80211_ATTR_IFNAME]);
    interface.type = nla_get_u32(attributes[NL80211_ATTR_IFTYPE]);
    interface.wiphy = nla_get_u32(attributes[NL80211_ATTR_WIPHY]);
    if (has(NL80211_ATTR_MAC))
        std::memcpy(interface.address.octets.data(), nla_data(attributes[NL80211_ATTR_MAC]), 6);
    if (has(NL80211_ATTR_WIPHY_FREQ))
        interface.frequencyMHz = nla_get_u32(attributes[NL80211_ATTR_WIPHY_FREQ]);
    return interface;
}

void parseWiphy(nlmsghdr* message, std::vector<Wiphy>& wiphys) {
    Attributes attributes;
    if (!parseAttributes(message, attributes) || attributes[NL80211_ATTR_WIPHY] == nullptr)
        return;
    const std::uint32_t index = nla_get_u32(attributes[NL80211_ATTR_WIPHY]);
    auto found =
        std::find_if(wiphys.begin(), wiphys.end(), [&](const Wiphy& w) { return w.index == index; });
    if (found == wiphys.end()) {
        found = wiphys.emplace(wiphys.end());
        found->index = index;
    }
    if (attributes[NL80211_ATTR_WIPHY_NAME] != nullptr)
        found->name = nla_get_string(attributes[NL80211_ATTR_WIPHY_NAME]);
    if (nlattr* types = attributes[NL80211_ATTR_SUPPORTED_IFTYPES]; types != nullptr) {
        nlattr* type = nullptr;
        int left = 0;
        nla_for_each_nested(type, types, left)
            found->types.insert(static_cast<std::uint32_t>(nla_type(type)));
    }
    if (attributes[NL80211_ATTR_WIPHY_BANDS] != nullptr)
        parseBands(attributes[NL80211_ATTR_WIPHY_BANDS], *found);
}

std::string wifiTypeName(std::uint32_t type) {
    constexpr std::array names = {"unspecified", "IBSS",   "managed",    "AP",
                                  "AP/VLAN",     "WDS",    "monitor",    "mesh point",
                                  "P2P-client",  "P2P-GO", "P2P-device", "outside context of a BSS",
                                  "NAN"};
    return type < names.size() ? names.at(type) : "type " + std::to_string(type);
}

int channelOfFrequency(std::uint32_t megahertz) noexcept {
    const int f = static_cast<int>(std::min<std::uint32_t>(megahertz, 100000));
    if (f == 2484)
        return 14;
    if (f >= 2412 && f <= 2472)
        return (f - 2407) / 5;
    if (f == 5935)
        return 2;
    if (f >= 5955 && f <= 7115)
        return (f - 5950) / 5;
    if (f >= 5150 && f < 5950)
        return (f - 5000) / 5;
    return 0;
}

Nl80211::Nl80211() : socket_(NETLINK_GENERIC) {
    family_ = genl_ctrl_resolve(socket_.handle(), NL80211_GENL_NAME);
    if (family_ < 0)
        throw Error("find", "nl80211 in the kernel", "no wireless support is loaded (modprobe cfg80211)",
                    ENOENT);
}

NlMessage Nl80211::request(std::uint8_t command, int flags) const {
    NlMessage message(nlmsg_alloc());
    if (!message ||
        genlmsg_put(message.get(), NL_AUTO_PORT, NL_AUTO_SEQ, family_, 0, flags, command, 0) == nullptr)
        throw Error::fromErrno("allocate", "netlink message", ENOMEM);
    return message;
}

std::vector<WifiInterface> Nl80211::interfaces() {
    std::vector<WifiInterface> found;
    const NlMessage message = request(NL80211_CMD_GET_INTERFACE, NLM_F_DUMP);
    socket_.transact(message.get(), "list", "wireless interfaces", [&](nlmsghdr* answer) {
        if (auto interface = parseWifiInterface(answer))
            found.push_back(std::move(*interface));
    });
    return found;
}

WifiInterface Nl80211::interface(const std::string& name) {
    const unsigned index = if_nametoindex(name.c_str());
    if (index == 0)
        throw Error::fromErrno("find interface", name, ENODEV);
    return readInterface(index, name);
}

WifiInterface Nl80211::interface(std::uint32_t index) {
    return readInterface(index, "interface " + std::to_string(index));
}

WifiInterface Nl80211::readInterface(std::uint32_t index, const std::string& label) {
    std::optional<WifiInterface> found;
    const NlMessage message = request(NL80211_CMD_GET_INTERFACE);
    nla_put_u32(message.get(), NL80211_ATTR_IFINDEX, index);
    socket_.transact(message.get(), "read the type of", label,
                     [&](nlmsghdr* answer) { found = parseWifiInterface(answer); });
    if (!found)
        throw Error("read the type of", label, "the kernel's answer lacks a field", EBADMSG);
    return *found;
}

std::vector<Wiphy> Nl80211::wiphys() {
    std::vector<Wiphy> found;
    const NlMessage message = request(NL80211_CMD_GET_WIPHY, NLM_F_DUMP);
    // Without it the kernel cuts what does not fit into one message (nl80211.h,
    // NL80211_ATTR_SPLIT_WIPHY_DUMP).
    nla_put_flag(message.get(), NL80211_ATTR_SPLIT_WIPHY_DUMP);
    socket_.transact(message.get(), "list", "radios", [&](nlmsghdr* answer) { parseWiphy(answer, found); });
    return found;
}

Wiphy Nl80211::wiphy(std::uint32_t index) {
    std::vector<Wiphy> found;
    const std::string label = "radio " + std::to_string(index);
    const NlMessage message = request(NL80211_CMD_GET_WIPHY, NLM_F_DUMP);
    nla_put_flag(message.get(), NL80211_ATTR_SPLIT_WIPHY_DUMP);
    // The kernel filters the dump by this.
    nla_put_u32(message.get(), NL80211_ATTR_WIPHY, index);
    socket_.transact(message.get(), "read", label, [&](nlmsghdr* answer) { parseWiphy(answer, found); });
    const auto wanted =
        std::find_if(found.begin(), found.end(), [&](const Wiphy& w) { return w.index == index; });
    if (wanted == found.end())
        throw Error::fromErrno("read", label, ENODEV);
    return *wanted;
}

void Nl80211::setType(const WifiInterface& interface, std::uint32_t type) {
    const NlMessage message = request(NL80211_CMD_SET_INTERFACE);
    nla_put_u32(message.get(), NL80211_ATTR_IFINDEX, interface.index);
    nla_put_u32(message.get(), NL80211_ATTR_IFTYPE, type);
    socket_.transact(message.get(), "set type", wifiTypeName(type) + " on " + interface.name);
}

void Nl80211::addMonitor(std::uint32_t wiphy, const std::string& name) {
    const NlMessage message = request(NL80211_CMD_NEW_INTERFACE);
    nla_put_u32(message.get(), NL80211_ATTR_WIPHY, wiphy);
    nla_put_string(message.get(), NL80211_ATTR_IFNAME, name.c_str());
    nla_put_u32(message.get(), NL80211_ATTR_IFTYPE, NL80211_IFTYPE_MONITOR);
    socket_.transact(message.get(), "add the monitor interface", name);
}

void Nl80211::removeInterface(const WifiInterface& interface) {
    const NlMessage message = request(NL80211_CMD_DEL_INTERFACE);
    nla_put_u32(message.get(), NL80211_ATTR_IFINDEX, interface.index);
    socket_.transact(message.get(), "remove the interface", interface.name);
}

void Nl80211::setFrequency(const WifiInterface& interface, std::uint32_t megahertz) {
    const NlMessage message = request(NL80211_CMD_SET_WIPHY);
    nla_put_u32(message.get(), NL80211_ATTR_IFINDEX, interface.index);
    nla_put_u32(message.get(), NL80211_ATTR_WIPHY_FREQ, megahertz);
    nla_put_u32(message.get(), NL80211_ATTR_WIPHY_CHANNEL_TYPE, NL80211_CHAN_NO_HT);
    socket_.transact(message.get(), "tune", interface.name + " to " + std::to_string(megahertz) + " MHz");
}

std::string Nl80211::country() {
    std::string found;
    const NlMessage message = request(NL80211_CMD_GET_REG);
    socket_.transact(message.get(), "read", "the country", [&](nlmsghdr* answer) {
        Attributes attributes;
        if (parseAttributes(answer, attributes) && attributes[NL80211_ATTR_REG_ALPHA2] != nullptr)
            found = nla_get_string(attributes[NL80211_ATTR_REG_ALPHA2]);
    });
    return found;
}

void Nl80211::requestCountry(const std::string& country) {
    const NlMessage message = request(NL80211_CMD_REQ_SET_REG);
    nla_put_string(message.get(), NL80211_ATTR_REG_ALPHA2, country.c_str());
    socket_.transact(message.get(), "set the country", country);
}

int Nl80211::group(const char* name) {
    const int id = genl_ctrl_resolve_grp(socket_.handle(), NL80211_GENL_NAME, name);
    if (id < 0)
        throw Error("find nl80211 group", name, nl_geterror(id), errnoOfNl(id));
    return id;
}

} // namespace stinky
