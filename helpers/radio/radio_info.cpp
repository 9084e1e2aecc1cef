#include "radio/radio_info.h"

#include "common/error.h"
#include "radio/sessions.h"

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

RadioInfo join(const WifiInterface& interface, const Wiphy& wiphy, bool up) {
    RadioInfo radio;
    radio.interface = interface.name;
    radio.ifindex = interface.index;
    radio.phy = wiphy.name;
    radio.wiphy = wiphy.index;
    radio.driver = baseNameOfLink("/sys/class/net/" + interface.name + "/device/driver");
    radio.mac = interface.address;
    radio.state = {interface.type, up};
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

bool isUp(std::uint32_t index, const std::vector<Link>& links) {
    return std::any_of(links.begin(), links.end(),
                       [&](const Link& link) { return link.index == index && link.up; });
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
    std::vector<RadioInfo> radios;
    for (const Wiphy& wiphy : wireless.wiphys()) {
        const std::size_t before = radios.size();
        for (const WifiInterface& interface : interfaces) {
            if (interface.wiphy != wiphy.index)
                continue;
            radios.push_back(join(interface, wiphy, isUp(interface.index, links)));
            radios.back().defaultRoute = carriesDefaultRoute(interface.index, links, uplinks);
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
        RadioInfo radio = join(interface, wireless.wiphy(interface.wiphy), isUp(interface.index, links));
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

SavedState stateToSave(const RadioInfo& radio) {
    return {bootId(), radio.interface, radio.ifindex, radio.phy, radio.wiphy, radio.mac, radio.state, {}};
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
