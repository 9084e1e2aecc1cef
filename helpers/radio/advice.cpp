#include "radio/advice.h"

#include <linux/nl80211.h>

#include <cerrno>

namespace stinky::radio {

std::string adviceFor(int code) {
    switch (code) {
    case EPERM:
    case EACCES:
        return "this needs CAP_NET_ADMIN: start it through its service or with sudo";
    case EBUSY:
        return "another interface of the same radio may be in use (`iw dev` lists them): set it down or "
               "delete it";
    case ERFKILL:
        return "the radio is switched off: `rfkill list` says by what, `rfkill unblock wifi` lifts a soft "
               "block; a radio without a country may be blocked until one is set (`iw reg set`)";
    case EOPNOTSUPP:
        return "the driver does not offer this";
    case EINVAL:
        return "the driver refused it; `dmesg` may say why";
    default:
        return {};
    }
}

Error withAdvice(const Error& error) {
    const std::string advice = adviceFor(error.code());
    if (advice.empty())
        return error;
    return {error.tried(), error.object(), error.why() + "; " + advice, error.code()};
}

std::optional<std::string> reasonToRefuse(const RadioInfo& radio, bool force) {
    if (radio.session && !force)
        return "an open ssh session comes by it, and monitor mode would cut it; come by another card, or "
               "set "
               "RADIO_FORCE=yes in /etc/stinky/stinky.conf";
    if (radio.defaultRoute && !force)
        return "it carries the default route, and monitor mode would cut this machine off; choose another "
               "card (`stinky-radio list`), or give the machine another uplink first (RADIO_FORCE=yes in "
               "/etc/stinky/stinky.conf takes it all the same)";
    if (radio.state.type == NL80211_IFTYPE_AP && !force)
        return "it is an access point, and monitor mode would cut off who uses it; choose another card "
               "(`stinky-radio list`), or set RADIO_FORCE=yes in /etc/stinky/stinky.conf";
    if (!radio.types.contains(NL80211_IFTYPE_MONITOR))
        return "the driver " + radio.driver +
               " offers no monitor mode on it; choose another card (`stinky-radio list`)";
    return std::nullopt;
}

} // namespace stinky::radio
