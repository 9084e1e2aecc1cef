#include "radio/restore.h"

#include "common/event_loop.h"
#include "common/log.h"
#include "common/text.h"
#include "radio/advice.h"
#include "radio/events.h"
#include "radio/hold_service.h"
#include "radio/holders.h"
#include "radio/interface_file.h"
#include "radio/radio_info.h"
#include "radio/rfkill.h"
#include "radio/state_store.h"
#include "radio/vif_card.h"

#include <fmt/format.h>

#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <set>
#include <vector>

namespace stinky::radio {
namespace {

/// The kernel's side of a restore: the card that was saved, if it still is the one.
struct Kernel {
    EventLoop loop;
    Nl80211 wireless;
    RouteSocket routes;
    RadioEvents events{wireless};
};

// Nothing when the whole wireless subsystem has left with the card's driver.
std::unique_ptr<Kernel> openKernel() {
    try {
        return std::make_unique<Kernel>();
    } catch (const Error& e) {
        if (e.code() == ENOENT)
            return nullptr;
        throw;
    }
}

bool isThere(Nl80211& wireless, const SavedState& saved) {
    try {
        return wireless.interface(saved.ifindex).wiphy == saved.wiphy;
    } catch (const Error& e) {
        if (e.code() == ENODEV)
            return false;
        throw;
    }
}

// Attempts until it is done, waiting for announcements while the card is busy.
GiveBack giveBackInTime(Kernel& kernel, Card& card, const SavedState& saved) {
    GiveBack result;
    bool changed = false;
    const auto attempt = [&] {
        result = giveBack(card, saved.state, saved.interface);
        changed = changed || result.changed;
        if (result.state != GiveBack::State::busy)
            kernel.loop.exit(0);
    };
    kernel.events.watch(kernel.loop, [&](const Changes&) { attempt(); });
    Timer deadline = kernel.loop.addTimer(std::chrono::milliseconds(100), "busy card", [&] {
        const Error& e = *result.obstacle;
        throw Error(e.tried(), e.object(), fmt::format("{}, for {} s now", e.why(), busyLimit.count()),
                    e.code());
    });
    deadline.arm(busyLimit);
    attempt();
    if (result.state == GiveBack::State::busy)
        kernel.loop.run();
    result.changed = changed;
    return result;
}

void say(const SavedState& saved, const GiveBack& result) {
    const log::Fields fields = {{"STINKY_INTERFACE", saved.interface}};
    const std::string card = saved.interface + " (" + saved.phy + ")";
    if (result.state == GiveBack::State::gone)
        log::notice("radio-gone", card + " was removed: nothing to set back", fields);
    else if (!result.left.empty())
        log::warning("radio-left", card + " is left as it is: " + result.left, fields);
    else if (result.changed)
        log::notice("radio-restored", card + " is " + describe(saved.state) + " again", fields);
    else
        log::info("radio-restored", card + " is " + describe(saved.state) + " as before: nothing to change",
                  fields);
}

// A start that could not lift the block has nothing to put back.
void blockAgain(const SavedState& saved, const std::string& phy) {
    Rfkill rfkill(phy);
    if (!saved.hold.softBlocked || rfkill.block().value_or(Block()).soft)
        return;
    rfkill.setSoft(true);
    log::notice("radio-restored", phy + " is blocked again (rfkill), as it was before",
                {{"STINKY_INTERFACE", saved.interface}});
}

// After the card itself, so that its manager finds it as it had it.
void giveBackHold(const SavedState& saved, const std::string& interface) {
    blockAgain(saved, saved.phy);
    if (saved.hold.networkManager || saved.hold.supplicant)
        Holders(interface).giveBack(saved.hold);
}

void removeOurMonitor(Nl80211& wireless, const SavedState& saved) {
    if (!saved.monitor.empty() && removeMonitor(wireless, saved.wiphy, saved.monitor))
        log::info("radio-restored", saved.monitor + " was removed again",
                  {{"STINKY_INTERFACE", saved.interface}});
}

// Drivers may drop an interface when another one changes its type.
void tellOfLostOthers(Nl80211& wireless, const SavedState& saved) {
    std::set<std::string> there;
    for (const WifiInterface& interface : wireless.interfaces())
        if (interface.wiphy == saved.wiphy)
            there.insert(interface.name);
    for (const std::string& other : saved.others)
        if (!there.contains(other))
            log::warning(
                "radio-left",
                fmt::format("{} was an interface of {} before, and is not there any more: `iw phy {} "
                            "interface add {} type ...` makes it anew",
                            other, saved.phy, saved.phy, other),
                {{"STINKY_INTERFACE", saved.interface}});
}

std::string whyNotTheSame(const SavedState& saved) {
    if (if_nametoindex(saved.interface.c_str()) != 0)
        return "another card, or the same one plugged in anew, has its name now and is left alone";
    return "nothing to set back";
}

} // namespace

GiveBack giveBack(Card& card, const CardState& saved, const std::string& name) {
    GiveBack result;
    const std::optional<CardState> now = card.read();
    if (!now)
        return result;
    const RestorePlan plan = planRestore(saved, *now);
    try {
        for (const Step& step : plan.steps) {
            card.apply(step);
            result.changed = true;
        }
    } catch (const Error& e) {
        if (e.code() == ENODEV && !card.read())
            return result;
        if (e.code() != EBUSY)
            throw;
        result.state = GiveBack::State::busy;
        result.obstacle = e;
        return result;
    }
    const std::optional<CardState> after = card.read();
    if (!after)
        return result;
    result.state = GiveBack::State::done;
    result.left = plan.left;
    if (plan.left.empty() && *after != saved)
        throw Error("verify the restored state of", name,
                    "the driver accepted it, and yet the card is " + describe(*after) + " instead of " +
                        describe(saved));
    return result;
}

void restore(const std::string& selector) {
    InterfaceFile::remove(selector);
    // After a crash nobody else removes it, and it says that all is well.
    unlink((std::string(STINKY_STATUS_DIRECTORY) + "/radio@" + escapeInstance(selector) + ".json").c_str());
    const StateStore store(StateStore::defaultDirectory());
    const auto interface = store.interfaceOf(selector);
    auto claim = interface ? store.claimExisting(*interface) : std::nullopt;
    if (!claim) {
        log::info("radio-restored", selector + ": no saved state, nothing to set back",
                  {{"STINKY_INTERFACE", selector}});
        return;
    }
    const SavedState& saved = claim->saved();
    const log::Fields fields = {{"STINKY_INTERFACE", saved.interface}};
    if (saved.bootId != bootId()) {
        log::notice("radio-leftover",
                    saved.interface +
                        ": the machine was rebooted since, and the card started afresh with it; what "
                        "outlived that is put back when the card is plugged in, or held the next time",
                    fields);
        return;
    }
    const std::unique_ptr<Kernel> kernel = openKernel();
    if (!kernel || !isThere(kernel->wireless, saved)) {
        log::notice("radio-gone",
                    fmt::format("{} ({}, {}) was removed: {}", saved.interface, saved.phy,
                                saved.mac.toString(), whyNotTheSame(saved)),
                    fields);
        claim->forget();
        return;
    }
    try {
        removeOurMonitor(kernel->wireless, saved);
        // It may have been renamed since.
        const std::string name = kernel->wireless.interface(saved.ifindex).name;
        NetlinkCard card(kernel->wireless, kernel->routes, saved.ifindex, name);
        const GiveBack result = giveBackInTime(*kernel, card, saved);
        say(saved, result);
        if (result.state == GiveBack::State::done) {
            giveBackHold(saved, name);
            tellOfLostOthers(kernel->wireless, saved);
        }
    } catch (const Error& e) {
        throw withAdvice(e);
    }
    claim->forget();
}

void restoreLeftovers() {
    const StateStore store(StateStore::defaultDirectory());
    const std::unique_ptr<Kernel> kernel = openKernel();
    if (!kernel)
        return;
    const std::vector<RadioInfo> radios = listRadios(kernel->wireless, kernel->routes);
    for (const std::string& interface : store.leftovers(bootId())) {
        std::optional<Claim> claim;
        try {
            claim = store.claimExisting(interface);
        } catch (const Error& e) {
            // A guard was faster: it takes over what the file says.
            if (e.code() == EBUSY)
                continue;
            throw;
        }
        if (!claim || claim->saved().bootId == bootId())
            continue;
        const SavedState& saved = claim->saved();
        const auto radio = std::find_if(radios.begin(), radios.end(), [&](const RadioInfo& r) {
            return (r.permanentMac == MacAddress() ? r.mac : r.permanentMac) == saved.mac;
        });
        if (radio == radios.end())
            continue;
        blockAgain(saved, radio->phy);
        log::notice("radio-leftover",
                    fmt::format("{} ({}) was held when the machine lost its power; it is as it was before",
                                radio->interface, saved.mac.toString()),
                    {{"STINKY_INTERFACE", radio->interface}});
        claim->forget();
    }
}

} // namespace stinky::radio
