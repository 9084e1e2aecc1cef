#include "radio/selector.h"

#include "common/mac_address.h"
#include "radio/advice.h"

#include <linux/nl80211.h>

#include <algorithm>
#include <cerrno>
#include <tuple>

namespace stinky::radio {
namespace {

std::string whyNotByItself(const RadioInfo& radio) {
    if (radio.interface.empty())
        return "it has no interface";
    if (const auto reason = reasonToRefuse(radio))
        return reason->substr(0, reason->find_first_of(",;"));
    if (std::find(radio.holders.begin(), radio.holders.end(), "stinky-radio") != radio.holders.end())
        return "another stinky-radio holds it";
    return {};
}

/// The smaller, the better.
auto rank(const RadioInfo& radio) {
    const bool inNetwork = radio.frequencyMHz != 0 && radio.state.type != NL80211_IFTYPE_MONITOR;
    return std::tuple(inNetwork, radio.bus != "usb", radio.ifindex);
}

const RadioInfo& chooseByItself(const std::vector<RadioInfo>& radios) {
    const RadioInfo* best = nullptr;
    std::string why;
    for (const RadioInfo& radio : radios) {
        const std::string reason = whyNotByItself(radio);
        if (!reason.empty())
            why += (why.empty() ? "" : "; ") + (radio.interface.empty() ? radio.phy : radio.interface) +
                   ": " + reason;
        else if (best == nullptr || rank(radio) < rank(*best))
            best = &radio;
    }
    if (best == nullptr)
        throw Error("choose", "a card for RADIO=auto",
                    why.empty() ? "there is no Wi-Fi card; plug one in" : "none is fit: " + why, ENODEV);
    return *best;
}

bool matches(const Selector& selector, const RadioInfo& radio) {
    switch (selector.kind) {
    case Selector::Kind::mac:
        return (radio.permanentMac == MacAddress() ? radio.mac : radio.permanentMac).toString() ==
               selector.value;
    case Selector::Kind::phy:
        return radio.phy == selector.value;
    case Selector::Kind::driver:
        return radio.driver == selector.value;
    default:
        return radio.interface == selector.value;
    }
}

} // namespace

Selector Selector::parse(const std::string& text) {
    if (text == "auto")
        return {Kind::automatic, text, ""};
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos && isInterfaceName(text))
        return {Kind::interface, text, text};
    const std::string kind = text.substr(0, colon);
    const std::string value = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (kind == "mac") {
        if (const auto mac = MacAddress::parse(value))
            return {Kind::mac, text, mac->toString()};
    } else if ((kind == "phy" || kind == "driver") && !value.empty() &&
               value.find('/') == std::string::npos) {
        return {kind == "phy" ? Kind::phy : Kind::driver, text, value};
    }
    throw Error("use", "\"" + text + "\"",
                "a card is named by its interface, mac:<address>, phy:<name>, driver:<name> or auto",
                EINVAL);
}

const RadioInfo& choose(const Selector& selector, const std::vector<RadioInfo>& radios) {
    if (selector.kind == Selector::Kind::automatic)
        return chooseByItself(radios);
    const RadioInfo* found = nullptr;
    for (const RadioInfo& radio : radios)
        if (!radio.interface.empty() && matches(selector, radio) &&
            (found == nullptr || radio.ifindex < found->ifindex))
            found = &radio;
    if (found == nullptr)
        throw Error("find", selector.text, "no card is that; `stinky-radio list` shows the cards", ENODEV);
    return *found;
}

} // namespace stinky::radio
