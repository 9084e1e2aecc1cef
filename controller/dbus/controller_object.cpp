#include "dbus/controller_object.h"

#include "common/error.h"
#include "common/log.h"
#include "core/advice.h"
#include "dbus/progress_step.h"
#include "dbus/reply.h"
#include "dbus/variant.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <utility>

namespace stinky::dbus {
namespace {

// Each open call is kept in memory until polkit has answered, which can take a person's time.
// Of one user there are less: PolkitAuthorizer.
constexpr std::size_t mostOpenCalls = 256;
constexpr std::size_t mostUnitsInCall = 32;

/// Jobs are shown by Describe only: who follows the changes is to ask again.
bool unitsDiffer(const core::Snapshot& a, const core::Snapshot& b) {
    const auto same = [](const core::UnitView& x, const core::UnitView& y) {
        return x.name == y.name && x.activeState == y.activeState && x.subState == y.subState &&
               x.result == y.result && x.statusText == y.statusText && x.job == y.job;
    };
    const auto& x = a.world.units;
    const auto& y = b.world.units;
    return a.restarting != b.restarting || !std::equal(x.begin(), x.end(), y.begin(), y.end(), same);
}

bool partsDiffer(const core::Snapshot& a, const core::Snapshot& b) {
    const auto same = [](const core::PartView& x, const core::PartView& y) {
        return x.part == y.part && x.health == y.health && x.reason == y.reason;
    };
    const auto& x = a.world.parts;
    const auto& y = b.world.parts;
    return !std::equal(x.begin(), x.end(), y.begin(), y.end(), same);
}

std::vector<std::string> readNames(sd_bus_message* call) {
    std::vector<std::string> names;
    const char* name = nullptr;
    checked(sd_bus_message_enter_container(call, 'a', "s"), "read", "the units");
    while (checked(sd_bus_message_read(call, "s", &name), "read", "the units") > 0)
        if (names.size() <= mostUnitsInCall)
            names.emplace_back(name);
    return names;
}

/// Without the name nobody can reach us.
int onName(sd_bus_message* reply, void*, sd_bus_error*) noexcept {
    constexpr std::uint32_t primaryOwner = 1;
    constexpr std::uint32_t alreadyOwner = 4;
    std::uint32_t result = 0;
    const bool answered =
        bus::failureOf(reply).name.empty() && sd_bus_message_read(reply, "u", &result) >= 0;
    if (answered && (result == primaryOwner || result == alreadyOwner))
        return 0;
    // A bus that goes is another matter: on the next one the name is asked for anew.
    if (sd_bus_is_open(sd_bus_message_get_bus(reply)) <= 0)
        return 0;
    log::error("name-refused", std::string("the bus refuses the name ") + busName + ": " +
                                   (answered ? "somebody else has it" : bus::failureOf(reply).text));
    sd_event_exit(sd_bus_get_event(sd_bus_message_get_bus(reply)), EXIT_FAILURE);
    return 0;
}

} // namespace

/// A call that is answered later. It counts for as long as anybody may still answer it.
struct ControllerObject::OpenCall {
    OpenCall(sd_bus_message* call, std::shared_ptr<std::size_t> openCalls)
        : message(sd_bus_message_ref(call)), count(std::move(openCalls)) {
        ++*count;
    }

    ~OpenCall() { --*count; }

    OpenCall(const OpenCall&) = delete;
    OpenCall& operator=(const OpenCall&) = delete;

    bus::Message message;
    std::shared_ptr<std::size_t> count;
};

/// What sd-bus calls. The table is the documentation that introspection shows.
struct ControllerObject::Vtable {
    static ControllerObject& self(void* userdata) { return *static_cast<ControllerObject*>(userdata); }

    /// Runs a method or getter behind a fence: what it throws becomes the caller's error.
    template <typename Call>
    static int fenced(sd_bus_error* error, const Call& call) noexcept {
        try {
            return call();
        } catch (const Error& e) {
            return sd_bus_error_set(error, SD_BUS_ERROR_FAILED, e.what());
        } catch (const std::exception& e) {
            log::error("dbus-method", e.what());
            return sd_bus_error_set(error, SD_BUS_ERROR_FAILED, "internal error");
        }
    }

    template <core::Request request>
    static int onRequest(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            self(userdata).onRequest(call, request);
            return 1;
        });
    }

    static int onRestartUnit(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            const char* unit = nullptr;
            checked(sd_bus_message_read(call, "s", &unit), "read", "the unit");
            self(userdata).onRestartUnits(call, {unit}, true);
            return 1;
        });
    }

    static int onRestartUnits(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            std::vector<std::string> names = readNames(call);
            if (names.size() > mostUnitsInCall)
                return sd_bus_error_setf(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "more than %zu units at once",
                                         mostUnitsInCall);
            self(userdata).onRestartUnits(call, std::move(names), false);
            return 1;
        });
    }

    static int onDescribe(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            replyText(call, view::dumped(self(userdata).controller_.describe()));
            return 1;
        });
    }

    static int onAccessPoints(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            std::uint32_t limit = 0;
            checked(sd_bus_message_read(call, "u", &limit), "read", "the limit");
            replyText(call, view::dumped(self(userdata).controller_.accessPoints(limit)));
            return 1;
        });
    }

    static int getVersion(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void*,
                          sd_bus_error* error) noexcept {
        return fenced(error, [&] { return sd_bus_message_append(reply, "s", STINKY_VERSION); });
    }

    static int getState(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                        void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            return sd_bus_message_append(reply, "s", toString(self(userdata).controller_.snapshot().state));
        });
    }

    static int getText(sd_bus*, const char*, const char*, const char* property, sd_bus_message* reply,
                       void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            const core::Snapshot& snapshot = self(userdata).controller_.snapshot();
            const bool reason = std::string_view(property) == "Reason";
            return sd_bus_message_append(reply, "s", (reason ? snapshot.reason : snapshot.nextStep).c_str());
        });
    }

    static int getParts(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                        void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] { return self(userdata).appendParts(reply); });
    }

    static int getGps(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
                      sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            appendDictionary(reply, self(userdata).controller_.gpsNow());
            return 1;
        });
    }

    static int getScanner(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                          void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            appendDictionary(reply, self(userdata).controller_.scanner());
            return 1;
        });
    }

    static int getTak(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata,
                      sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            appendDictionary(reply, self(userdata).controller_.tak());
            return 1;
        });
    }

    static int getRadios(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                         void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            checked(sd_bus_message_open_container(reply, 'a', "a{sv}"), "list", "radios");
            for (const view::Json& radio : self(userdata).controller_.radios())
                appendDictionary(reply, radio);
            return sd_bus_message_close_container(reply);
        });
    }

    static int getUnits(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                        void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] { return self(userdata).appendUnits(reply); });
    }

    static const sd_bus_vtable table[];
};

const sd_bus_vtable ControllerObject::Vtable::table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD_WITH_ARGS("Start", SD_BUS_NO_ARGS, SD_BUS_RESULT("o", job),
                            onRequest<core::Request::start>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Stop", SD_BUS_NO_ARGS, SD_BUS_RESULT("o", job), onRequest<core::Request::stop>,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Restart", SD_BUS_NO_ARGS, SD_BUS_RESULT("o", job),
                            onRequest<core::Request::restart>, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("RestartUnit", SD_BUS_ARGS("s", unit), SD_BUS_RESULT("o", job), onRestartUnit,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("RestartUnits", SD_BUS_ARGS("as", units), SD_BUS_RESULT("ao", jobs),
                            onRestartUnits, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("AccessPoints", SD_BUS_ARGS("u", limit), SD_BUS_RESULT("s", json),
                            onAccessPoints, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD_WITH_ARGS("Describe", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", json), onDescribe,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Version", "s", getVersion, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("State", "s", getState, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Reason", "s", getText, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("NextStep", "s", getText, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Units", "a(sssss)", getUnits, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Parts", "a(sss)", getParts, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Gps", "a{sv}", getGps, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Radios", "aa{sv}", getRadios, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Scanner", "a{sv}", getScanner, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Tak", "a{sv}", getTak, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_SIGNAL_WITH_ARGS("StateChanged", SD_BUS_ARGS("s", old_state, "s", new_state, "s", reason), 0),
    SD_BUS_SIGNAL_WITH_ARGS("Progress", SD_BUS_ARGS("s", unit, "s", step, "s", text, "d", seconds), 0),
    SD_BUS_VTABLE_END,
};

ControllerObject::ControllerObject(sd_bus* bus, view::Controller& controller, Authorizer& authorizer)
    : bus_(bus),
      controller_(controller),
      authorizer_(authorizer),
      self_(std::make_shared<ControllerObject*>(this)) {
    sd_bus_slot* slot = nullptr;
    checked(sd_bus_add_object_vtable(bus_, &slot, objectPath, interfaceName, Vtable::table, this), "publish",
            objectPath);
    object_.reset(slot);
    static_cast<void>(changedSections());
}

void ControllerObject::requestName() {
    sd_bus_slot* slot = nullptr;
    checked(sd_bus_request_name_async(bus_, &slot, busName, 0, onName, nullptr), "take the name", busName);
    name_.reset(slot);
}

void ControllerObject::authorized(
    sd_bus_message* call, const std::string& what,
    std::function<void(const std::shared_ptr<OpenCall>&, const std::string&)> granted) {
    if (*openCalls_ >= mostOpenCalls) {
        replyError(call, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many requests at once");
        return;
    }
    const auto open = std::make_shared<OpenCall>(call, openCalls_);
    const std::weak_ptr<ControllerObject*> weak = self_;
    const char* sender = sd_bus_message_get_sender(call);
    const std::string caller = sender != nullptr ? sender : "";
    const bool interactive = sd_bus_message_get_allow_interactive_authorization(call) > 0;
    authorizer_.check(
        caller, interactive,
        [weak, open, what, caller, granted = std::move(granted)](const std::string& refusal) {
            if (weak.expired())
                return;
            if (refusal.empty()) {
                granted(open, caller);
                return;
            }
            log::notice("request-refused", what + " refused: " + refusal, {{"STINKY_CALLER", caller}});
            replyError(open->message.get(), SD_BUS_ERROR_ACCESS_DENIED, refusal);
        });
}

void ControllerObject::onRequest(sd_bus_message* call, core::Request request) {
    authorized(call, toString(request),
               [this, request](const std::shared_ptr<OpenCall>& open, const std::string& caller) {
                   const std::weak_ptr<ControllerObject*> weak = self_;
                   controller_.request(request, caller, [weak, open](const core::Ticket& ticket) {
                       // Without us there is no connection either.
                       if (!weak.expired())
                           replyTicket(open->message.get(), ticket);
                   });
               });
}

void ControllerObject::onRestartUnits(sd_bus_message* call, std::vector<std::string> units, bool single) {
    authorized(call, "restart of parts",
               [this, units = std::move(units), single](const std::shared_ptr<OpenCall>& open,
                                                        const std::string& caller) {
                   const std::weak_ptr<ControllerObject*> weak = self_;
                   controller_.restartUnits(units, caller, [weak, open, single](const auto& tickets) {
                       if (weak.expired())
                           return;
                       if (single)
                           replyTicket(open->message.get(), tickets.front());
                       else
                           replyTickets(open->message.get(), tickets);
                   });
               });
}

int ControllerObject::appendUnits(sd_bus_message* reply) const {
    checked(sd_bus_message_open_container(reply, 'a', "(sssss)"), "list", "units");
    for (const core::UnitView& unit : controller_.snapshot().world.units)
        if (unit.role != core::Role::device)
            checked(sd_bus_message_append(reply, "(sssss)", unit.name.c_str(), unit.activeState.c_str(),
                                          unit.subState.c_str(), unit.result.c_str(),
                                          unit.statusText.c_str()),
                    "list", unit.name);
    return sd_bus_message_close_container(reply);
}

int ControllerObject::appendParts(sd_bus_message* reply) const {
    checked(sd_bus_message_open_container(reply, 'a', "(sss)"), "list", "parts");
    for (const core::PartView& part : controller_.snapshot().world.parts)
        checked(sd_bus_message_append(reply, "(sss)", part.part.c_str(), toString(part.health),
                                      part.reason.c_str()),
                "list", part.part);
    return sd_bus_message_close_container(reply);
}

std::vector<const char*> ControllerObject::changedSections() {
    std::vector<const char*> changed;
    const auto compare = [&](const char* name, const view::Json& section) {
        std::string text = view::dumped(section);
        std::string& former = sections_[name];
        if (former == text)
            return;
        former = std::move(text);
        changed.push_back(name);
    };
    compare("Gps", controller_.gpsNow());
    compare("Radios", controller_.radios());
    compare("Scanner", controller_.scanner());
    compare("Tak", controller_.tak());
    return changed;
}

void ControllerObject::publish(const core::Snapshot& before, const core::Snapshot& after) {
    std::vector<const char*> changed = changedSections();
    if (before.state != after.state)
        changed.push_back("State");
    if (before.reason != after.reason)
        changed.push_back("Reason");
    if (before.nextStep != after.nextStep)
        changed.push_back("NextStep");
    if (unitsDiffer(before, after))
        changed.push_back("Units");
    if (partsDiffer(before, after))
        changed.push_back("Parts");
    if (!changed.empty()) {
        std::vector<char*> names;
        // sd-bus takes char** and changes none of it.
        for (const char* name : changed)
            names.push_back(const_cast<char*>(name));
        names.push_back(nullptr);
        checked(sd_bus_emit_properties_changed_strv(bus_, objectPath, interfaceName, names.data()),
                "announce", "a change");
    }
    if (before.state != after.state)
        checked(sd_bus_emit_signal(bus_, objectPath, interfaceName, "StateChanged", "sss",
                                   toString(before.state), toString(after.state), after.reason.c_str()),
                "announce", "a new state");
    announceProgress(before, after);
}

void ControllerObject::announceProgress(const core::Snapshot& before, const core::Snapshot& after) {
    // Before the first discovery there is nothing that could have moved.
    if (!before.discovered)
        return;
    for (const core::UnitView& unit : after.world.units) {
        const auto former = std::ranges::find(before.world.units, unit.name, &core::UnitView::name);
        const char* step = progressStep(unit);
        if (unit.role == core::Role::device || former == before.world.units.end() ||
            std::string_view(progressStep(*former)) == step)
            continue;
        const core::PartView* part = partOf(unit, after.world.parts);
        const std::string trouble = core::troubleOf(unit);
        const std::string& text = trouble.empty() && part != nullptr ? part->reason : trouble;
        checked(sd_bus_emit_signal(bus_, objectPath, interfaceName, "Progress", "sssd", unit.name.c_str(),
                                   step, text.c_str(), std::max(0.0, controller_.now() - after.since)),
                "announce", "progress");
    }
}

} // namespace stinky::dbus
