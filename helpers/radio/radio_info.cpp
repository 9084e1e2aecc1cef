#include "radio/radio_info.h"

#include "common/error.h"
#include "radio/holders.h"
#include "radio/sessions.h"
#include "radio/state_store.h"

#include <systemd/sd-id128.h>

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

namespace stinky::radio {
namespace {

std::string baseNameOfLink(const std::string& path) {
    std::string target(4096, '\0');
    const ssize_t length = readlink(path.c_str(), target.data(), target.size());
    if (length <= 0)
        return "?";
    target.resize(static_cast<std::size_t>(length));
    return target.substr(target.rfind('/') + 1);
}

RadioInfo join(const WifiInterface& interface, const Wiphy& wiphy, const std::vector<Link>& links) {
    RadioInfo radio;
    radio.interface = interface.name;
    radio.ifindex = interface.index;
    radio.phy = wiphy.name;
    radio.wiphy = wiphy.index;
    radio.driver = baseNameOfLink("/sys/class/net/" + interface.name + "/device/driver");
    radio.bus = baseNameOfLink("/sys/class/net/" + interface.name + "/device/subsystem");
    radio.mac = interface.address;
    radio.frequencyMHz = interface.frequencyMHz;
    radio.state.type = interface.type;
    for (const Link& link : links) {
        if (link.index != interface.index)
            continue;
        radio.state.up = link.up;
        radio.permanentMac = link.permanent;
    }
    radio.types = wiphy.types;
    radio.channels = wiphy.channels;
    return radio;
}

// A radio whose only interface was deleted, as some drivers leave it after a failed change of mode.
RadioInfo withoutInterface(const Wiphy& wiphy) {
    RadioInfo radio;
    radio.phy = wiphy.name;
    radio.wiphy = wiphy.index;
    radio.driver = baseNameOfLink("/sys/class/ieee80211/" + wiphy.name + "/device/driver");
    radio.types = wiphy.types;
    radio.channels = wiphy.channels;
    return radio;
}

// A kernel that cannot tell (CONFIG_INET_DIAG) is no reason to take no card at all.
std::set<std::uint32_t> sessionsIfKnown() {
    try {
        return sessionInterfaces();
    } catch (const Error&) {
        return {};
    }
}

} // namespace

std::string describe(const RadioInfo& radio) {
    return radio.interface + " (" + radio.phy + ", " + radio.driver + ")";
}

std::vector<RadioInfo> listRadios(Nl80211& wireless, RouteSocket& routes) {
    const std::vector<WifiInterface> interfaces = wireless.interfaces();
    const std::vector<Link> links = routes.links();
    const std::set<std::uint32_t> uplinks = routes.defaultRouteInterfaces();
    const std::set<std::uint32_t> sessions = sessionsIfKnown();
    std::vector<RadioInfo> radios;
    for (const Wiphy& wiphy : wireless.wiphys()) {
        const std::size_t before = radios.size();
        for (const WifiInterface& interface : interfaces) {
            if (interface.wiphy != wiphy.index)
                continue;
            radios.push_back(join(interface, wiphy, links));
            radios.back().defaultRoute = carriesDefaultRoute(interface.index, links, uplinks);
            radios.back().session = carriesDefaultRoute(interface.index, links, sessions);
        }
        if (radios.size() == before)
            radios.push_back(withoutInterface(wiphy));
    }
    std::sort(radios.begin(), radios.end(), [](const RadioInfo& a, const RadioInfo& b) {
        return std::tie(a.interface, a.wiphy) < std::tie(b.interface, b.wiphy);
    });
    return radios;
}

RadioInfo readRadio(Nl80211& wireless, RouteSocket& routes, const std::string& name) {
    const unsigned index = if_nametoindex(name.c_str());
    if (index == 0)
        throw Error("find interface", name,
                    "there is none of this name; `stinky-radio list` shows the cards", ENODEV);
    try {
        const WifiInterface interface = wireless.interface(name);
        const std::vector<Link> links = routes.links();
        RadioInfo radio = join(interface, wireless.wiphy(interface.wiphy), links);
        radio.defaultRoute = carriesDefaultRoute(interface.index, links, routes.defaultRouteInterfaces());
        radio.session = carriesDefaultRoute(interface.index, links, sessionsIfKnown());
        return radio;
    } catch (const Error& e) {
        if (e.code() == ENODEV && if_nametoindex(name.c_str()) == index)
            throw Error("use interface", name,
                        "it is not a wireless interface; `stinky-radio list` shows the cards", ENODEV);
        throw;
    }
}

void findHolders(RadioInfo& radio) {
    radio.block = Rfkill(radio.phy).block();
    if (radio.interface.empty())
        return;
    try {
        const Hold hold = Holders(radio.interface).read();
        if (hold.networkManager)
            radio.holders.emplace_back("NetworkManager");
        if (hold.supplicant)
            radio.holders.emplace_back("wpa_supplicant");
    } catch (const Error&) {
        // wpa_supplicant answers root and the group netdev only.
    }
    try {
        const auto saved = StateStore(StateStore::defaultDirectory()).peek(radio.interface);
        if (saved && saved->bootId == bootId() && saved->ifindex == radio.ifindex)
            radio.holders.emplace_back("stinky-radio");
    } catch (const Error&) {
        // The folder is closed to others.
    }
}

SavedState stateToSave(const RadioInfo& radio, Nl80211& wireless) {
    SavedState saved;
    saved.bootId = bootId();
    saved.interface = radio.interface;
    saved.ifindex = radio.ifindex;
    saved.phy = radio.phy;
    saved.wiphy = radio.wiphy;
    saved.mac = radio.permanentMac == MacAddress() ? radio.mac : radio.permanentMac;
    saved.state = radio.state;
    for (const WifiInterface& other : wireless.interfaces())
        if (other.wiphy == radio.wiphy && other.index != radio.ifindex)
            saved.others.push_back(other.name);
    return saved;
}

std::string bootId() {
    sd_id128_t id = {};
    checked(sd_id128_get_boot(&id), "read", "the boot id");
    std::string text(SD_ID128_STRING_MAX, '\0');
    sd_id128_to_string(id, text.data());
    text.resize(SD_ID128_STRING_MAX - 1);
    return text;
}

} // namespace stinky::radio
