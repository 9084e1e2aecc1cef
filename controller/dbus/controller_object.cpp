#include "dbus/controller_object.h"

#include "common/error.h"
#include "common/log.h"
#include "dbus/describe.h"

#include <cerrno>
#include <exception>
#include <utility>
#include <vector>

namespace stinky::dbus {
namespace {

// Each open call is kept in memory until polkit has answered, which can take a person's time.
constexpr std::size_t mostOpenCalls = 64;

/// A call that is answered later. It counts for as long as anybody may still answer it.
struct OpenCall {
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

bool unitsDiffer(const core::Snapshot& a, const core::Snapshot& b) {
    const auto same = [](const core::UnitView& x, const core::UnitView& y) {
        return x.name == y.name && x.activeState == y.activeState && x.subState == y.subState &&
               x.result == y.result && x.statusText == y.statusText;
    };
    const auto& x = a.world.units;
    const auto& y = b.world.units;
    return !std::equal(x.begin(), x.end(), y.begin(), y.end(), same);
}

void replyError(sd_bus_message* call, const char* name, const std::string& text) {
    const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(name, text.c_str());
    checked(sd_bus_reply_method_error(call, &error), "answer", sd_bus_message_get_member(call));
}

void replyTicket(sd_bus_message* call, const core::Ticket& ticket) {
    if (!ticket.ok()) {
        replyError(call, ticket.errorName.c_str(), ticket.error);
        return;
    }
    checked(sd_bus_reply_method_return(call, "o", ticket.job.c_str()), "answer",
            sd_bus_message_get_member(call));
}

} // namespace

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

    static int onDescribe(sd_bus_message* call, void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            self(userdata).onDescribe(call);
            return 1;
        });
    }

    static int getState(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                        void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            return sd_bus_message_append(reply, "s", toString(self(userdata).machine_.snapshot().state));
        });
    }

    static int getReason(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply,
                         void* userdata, sd_bus_error* error) noexcept {
        return fenced(error, [&] {
            return sd_bus_message_append(reply, "s", self(userdata).machine_.snapshot().reason.c_str());
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
    SD_BUS_METHOD_WITH_ARGS("Describe", SD_BUS_NO_ARGS, SD_BUS_RESULT("s", json), onDescribe,
                            SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("State", "s", getState, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Reason", "s", getReason, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Units", "a(sssss)", getUnits, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_SIGNAL_WITH_ARGS("StateChanged", SD_BUS_ARGS("s", old_state, "s", new_state, "s", reason), 0),
    SD_BUS_VTABLE_END,
};

ControllerObject::ControllerObject(sd_bus* bus, core::Machine& machine, Authorizer& authorizer)
    : bus_(bus),
      machine_(machine),
      authorizer_(authorizer),
      self_(std::make_shared<ControllerObject*>(this)) {
    sd_bus_slot* slot = nullptr;
    checked(sd_bus_add_object_vtable(bus_, &slot, objectPath, interfaceName, Vtable::table, this), "publish",
            objectPath);
    object_.reset(slot);
}

void ControllerObject::requestName() {
    sd_bus_slot* slot = nullptr;
    checked(sd_bus_request_name_async(bus_, &slot, busName, 0, nullptr, nullptr), "take the name", busName);
    name_.reset(slot);
}

void ControllerObject::onRequest(sd_bus_message* call, core::Request request) {
    if (*openCalls_ >= mostOpenCalls) {
        replyError(call, SD_BUS_ERROR_LIMITS_EXCEEDED, "too many requests at once");
        return;
    }
    const auto open = std::make_shared<OpenCall>(call, openCalls_);
    const std::weak_ptr<ControllerObject*> weak = self_;
    const char* sender = sd_bus_message_get_sender(call);
    const std::string caller = sender != nullptr ? sender : "";
    const bool interactive = sd_bus_message_get_allow_interactive_authorization(call) > 0;
    authorizer_.check(caller, interactive, [weak, open, request, caller](const std::string& refusal) {
        const auto self = weak.lock();
        if (!self)
            return;
        if (!refusal.empty()) {
            log::notice("request-refused", std::string(toString(request)) + " refused: " + refusal,
                        {{"STINKY_CALLER", caller}});
            replyError(open->message.get(), SD_BUS_ERROR_ACCESS_DENIED, refusal);
            return;
        }
        log::info("request", std::string(toString(request)) + " was asked for", {{"STINKY_CALLER", caller}});
        (*self)->machine_.request(
            request, [open](const core::Ticket& ticket) { replyTicket(open->message.get(), ticket); });
    });
}

void ControllerObject::onDescribe(sd_bus_message* call) {
    const std::string json = describe(machine_.snapshot(), machine_.now());
    checked(sd_bus_reply_method_return(call, "s", json.c_str()), "answer", "Describe");
}

int ControllerObject::appendUnits(sd_bus_message* reply) const {
    checked(sd_bus_message_open_container(reply, 'a', "(sssss)"), "list", "units");
    for (const core::UnitView& unit : machine_.snapshot().world.units)
        checked(sd_bus_message_append(reply, "(sssss)", unit.name.c_str(), unit.activeState.c_str(),
                                      unit.subState.c_str(), unit.result.c_str(), unit.statusText.c_str()),
                "list", unit.name);
    return sd_bus_message_close_container(reply);
}

void ControllerObject::publish(const core::Snapshot& before, const core::Snapshot& after) {
    std::vector<char*> changed;
    // sd-bus takes char** and changes none of it.
    if (before.state != after.state)
        changed.push_back(const_cast<char*>("State"));
    if (before.reason != after.reason)
        changed.push_back(const_cast<char*>("Reason"));
    if (unitsDiffer(before, after))
        changed.push_back(const_cast<char*>("Units"));
    if (!changed.empty()) {
        changed.push_back(nullptr);
        checked(sd_bus_emit_properties_changed_strv(bus_, objectPath, interfaceName, changed.data()),
                "announce", "a change");
    }
    if (before.state != after.state)
        checked(sd_bus_emit_signal(bus_, objectPath, interfaceName, "StateChanged", "sss",
                                   toString(before.state), toString(after.state), after.reason.c_str()),
                "announce", "a new state");
}

} // namespace stinky::dbus
