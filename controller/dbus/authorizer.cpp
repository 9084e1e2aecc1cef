#include "dbus/authorizer.h"

#include "common/error.h"

#include <utility>

namespace stinky::dbus {
namespace {

constexpr std::chrono::seconds busDeadline{5};
// A person may have to find a password first.
constexpr std::chrono::minutes personDeadline{2};
constexpr std::chrono::seconds polkitDeadline{10};
constexpr std::uint32_t allowUserInteraction = 1;
constexpr std::size_t mostOfOneUser = 16;
constexpr std::uint32_t nobodyKnown = 0xffffffff;

std::string refusalIn(sd_bus_message* reply) {
    const bus::Failure failure = bus::failureOf(reply);
    if (!failure.name.empty())
        return "polkit cannot be asked (" + failure.text + "): only root may do this";
    int authorized = 0;
    int challenge = 0;
    if (sd_bus_message_enter_container(reply, 'r', "bba{ss}") < 0 ||
        sd_bus_message_read(reply, "bb", &authorized, &challenge) < 0)
        return "polkit's answer is malformed";
    if (authorized != 0)
        return {};
    return std::string("polkit's action ") + manageAction +
           (challenge != 0 ? " needs a password: use sudo, or join the group stinky"
                           : " is not allowed to you");
}

} // namespace

void PolkitAuthorizer::check(const std::string& sender, bool interactive, Decision decide) {
    const auto call = bus::newCall(bus_, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                   "org.freedesktop.DBus", "GetConnectionUnixUser");
    checked(sd_bus_message_append(call.get(), "s", sender.c_str()), "ask for the user of", sender);
    calls_.send(call.get(), busDeadline,
                [this, sender, interactive, decide = std::move(decide)](sd_bus_message* reply) {
                    std::uint32_t uid = nobodyKnown;
                    if (!bus::failureOf(reply).name.empty() || sd_bus_message_read(reply, "u", &uid) < 0)
                        uid = nobodyKnown;
                    if (uid == 0)
                        decide({});
                    else
                        askPolkit(uid, sender, interactive, decide);
                });
}

void PolkitAuthorizer::askPolkit(std::uint32_t uid, const std::string& sender, bool interactive,
                                 Decision decide) {
    if (asking_[uid] >= mostOfOneUser) {
        decide("too many requests of yours wait for polkit");
        return;
    }
    const auto call =
        bus::newCall(bus_, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                     "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization");
    checked(sd_bus_message_append(call.get(), "(sa{sv})sa{ss}us", "system-bus-name", 1, "name", "s",
                                  sender.c_str(), manageAction, 0, interactive ? allowUserInteraction : 0,
                                  ""),
            "ask polkit for", sender);
    const std::chrono::microseconds deadline =
        interactive ? std::chrono::microseconds(personDeadline) : std::chrono::microseconds(polkitDeadline);
    calls_.send(call.get(), deadline, [this, uid, decide = std::move(decide)](sd_bus_message* reply) {
        if (--asking_[uid] == 0)
            asking_.erase(uid);
        decide(refusalIn(reply));
    });
    ++asking_[uid];
}

} // namespace stinky::dbus
