#include "radio/vif_card.h"

#include "common/error.h"

#include <linux/nl80211.h>

#include <net/if.h>

#include <cerrno>
#include <utility>

namespace stinky::radio {
namespace {

std::optional<WifiInterface> findOn(Nl80211& wireless, std::uint32_t wiphy, const std::string& name) {
    for (const WifiInterface& interface : wireless.interfaces())
        if (interface.wiphy == wiphy && interface.name == name)
            return interface;
    return std::nullopt;
}

} // namespace

VifCard::VifCard(Nl80211& wireless, RouteSocket& routes, std::uint32_t index, std::string base,
                 std::string monitor)
    : wireless_(wireless),
      routes_(routes),
      index_(index),
      base_(std::move(base)),
      monitor_(std::move(monitor)) {}

std::string VifCard::nameFor(const std::string& base) {
    const std::string suffix = "mon";
    return base.substr(0, IFNAMSIZ - 1 - suffix.size()) + suffix;
}

std::optional<WifiInterface> VifCard::findMonitor() {
    return findOn(wireless_, wireless_.interface(index_).wiphy, monitor_);
}

std::optional<CardState> VifCard::read() {
    try {
        const auto monitor = findMonitor();
        const bool baseUp = routes_.link(index_, base_).up;
        if (!monitor)
            return CardState{NL80211_IFTYPE_UNSPECIFIED, baseUp};
        return CardState{monitor->type, routes_.link(monitor->index, monitor_).up && !baseUp};
    } catch (const Error& e) {
        if (e.code() != ENODEV)
            throw;
    }
    // One of the two is gone; with its card, or the monitor alone, between two questions.
    try {
        return CardState{NL80211_IFTYPE_UNSPECIFIED, routes_.link(index_, base_).up};
    } catch (const Error& e) {
        if (e.code() == ENODEV)
            return std::nullopt;
        throw;
    }
}

void VifCard::apply(const Step& step) {
    const auto monitor = findMonitor();
    if (step.kind == Step::Kind::setType) {
        if (monitor)
            wireless_.setType(*monitor, step.type);
        else
            wireless_.addMonitor(wireless_.interface(index_).wiphy, monitor_);
        return;
    }
    routes_.setUp(index_, false, base_);
    if (monitor)
        routes_.setUp(monitor->index, step.kind == Step::Kind::setUp, monitor_);
}

bool removeMonitor(Nl80211& wireless, std::uint32_t wiphy, const std::string& name) {
    const auto monitor = findOn(wireless, wiphy, name);
    if (monitor)
        wireless.removeInterface(*monitor);
    return monitor.has_value();
}

} // namespace stinky::radio
