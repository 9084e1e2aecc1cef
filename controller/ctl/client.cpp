#include "ctl/client.h"

#include "common/text.h"

#include <memory>
#include <utility>

namespace stinky::ctl {
namespace {

constexpr const char* name = "org.stinky.Controller1";
constexpr const char* path = "/org/stinky/Controller1";
constexpr const char* interface = "org.stinky.Controller1";
// The first call may have to start the controller.
constexpr std::chrono::seconds readDeadline{25};
constexpr std::chrono::seconds shortDeadline{5};
// A person may be asked for a password.
constexpr std::chrono::minutes requestDeadline{3};
constexpr std::size_t longestError = 1000;

bus::Bus open(EventLoop& loop, const Client::Where& where) {
    sd_bus* raw = nullptr;
    int r = 0;
    const std::string& address = where.address;
    if (!where.host.empty()) {
        r = sd_bus_open_system_remote(&raw, where.host.c_str());
    } else if (address.empty()) {
        r = sd_bus_open_system(&raw);
    } else {
        r = sd_bus_new(&raw);
        if (r >= 0)
            r = sd_bus_set_address(raw, address.c_str());
        if (r >= 0)
            r = sd_bus_set_bus_client(raw, 1);
        if (r >= 0)
            r = sd_bus_start(raw);
    }
    bus::Bus bus(raw);
    if (r >= 0)
        r = sd_bus_attach_event(raw, loop.handle(), SD_EVENT_PRIORITY_NORMAL);
    if (r < 0) {
        const std::string bus = !where.host.empty() ? "the system bus of " + where.host
                                : address.empty()   ? "the system bus"
                                                    : address;
        const Error error = Error::fromErrno("connect to", bus, r);
        throw Unreachable(error.tried(), error.object(), error.why(), error.code());
    }
    return bus;
}

/// With -H it is another machine that words it.
bus::Failure fitFailureOf(sd_bus_message* reply) {
    bus::Failure failure = bus::failureOf(reply);
    failure.text = displayText(failure.text, longestError);
    return failure;
}

bool nobodyThere(const std::string& errorName) {
    return errorName == SD_BUS_ERROR_SERVICE_UNKNOWN || errorName == SD_BUS_ERROR_NAME_HAS_NO_OWNER ||
           errorName == SD_BUS_ERROR_NO_REPLY || errorName == SD_BUS_ERROR_TIMEOUT ||
           errorName == SD_BUS_ERROR_DISCONNECTED || errorName == SD_BUS_ERROR_NO_SERVER ||
           errorName.starts_with("org.freedesktop.DBus.Error.Spawn") ||
           errorName.starts_with("org.freedesktop.systemd1.");
}

} // namespace

Client::Client(EventLoop& loop, const Where& where) : bus_(open(loop, where)), calls_(bus_.get()) {}

std::string Client::ask(sd_bus_message* call, std::chrono::microseconds deadline) {
    struct ErrorGuard {
        sd_bus_error error = SD_BUS_ERROR_NULL;

        ~ErrorGuard() { sd_bus_error_free(&error); }
    } guard;

    sd_bus_message* raw = nullptr;
    const int r =
        sd_bus_call(bus_.get(), call, static_cast<std::uint64_t>(deadline.count()), &guard.error, &raw);
    const bus::Message reply(raw);
    if (r < 0) {
        const std::string errorName = guard.error.name != nullptr ? guard.error.name : "";
        const std::string why =
            guard.error.message != nullptr ? displayText(guard.error.message, longestError) : "no answer";
        if (errorName.empty() || nobodyThere(errorName))
            throw Unreachable("reach", "stinky-controller", why, -r);
        throw Error("ask", "stinky-controller", why, -r);
    }
    const char* json = nullptr;
    checked(sd_bus_message_read(reply.get(), "s", &json), "read", "the controller's answer");
    return json;
}

std::string Client::describe() {
    const auto call = bus::newCall(bus_.get(), name, path, interface, "Describe");
    return ask(call.get(), readDeadline);
}

std::string Client::describeIfThere() {
    const auto call = bus::newCall(bus_.get(), name, path, interface, "Describe");
    checked(sd_bus_message_set_auto_start(call.get(), 0), "prepare", "Describe");
    return ask(call.get(), shortDeadline);
}

std::string Client::accessPoints(std::uint32_t limit) {
    const auto call = bus::newCall(bus_.get(), name, path, interface, "AccessPoints");
    checked(sd_bus_message_append(call.get(), "u", limit), "ask for", "access points");
    return ask(call.get(), readDeadline);
}

void Client::send(sd_bus_message* call, bool interactive, Done done) {
    checked(sd_bus_message_set_allow_interactive_authorization(call, interactive ? 1 : 0), "prepare",
            sd_bus_message_get_member(call));
    calls_.send(call, requestDeadline,
                [done = std::move(done)](sd_bus_message* reply) { done(fitFailureOf(reply)); });
}

void Client::request(const char* method, bool interactive, Done done) {
    const auto call = bus::newCall(bus_.get(), name, path, interface, method);
    send(call.get(), interactive, std::move(done));
}

void Client::restart(const std::vector<std::string>& parts, bool interactive, Done done) {
    const auto call = bus::newCall(bus_.get(), name, path, interface, "RestartUnits");
    checked(sd_bus_message_open_container(call.get(), 'a', "s"), "name", "parts");
    for (const std::string& part : parts)
        checked(sd_bus_message_append(call.get(), "s", part.c_str()), "name", part);
    checked(sd_bus_message_close_container(call.get()), "name", "parts");
    send(call.get(), interactive, std::move(done));
}

void Client::follow(Changed changed, Failed failed) {
    changed_ = std::move(changed);
    failed_ = std::move(failed);
    signals_ =
        bus::addMatch(bus_.get(), std::string("type='signal',sender='") + name + "',path='" + path + "'",
                      [this](sd_bus_message*) { refresh(); });
}

void Client::refresh() {
    // One question at a time: the answer to the next one holds whatever came meanwhile.
    again_ = std::exchange(asking_, true);
    if (again_)
        return;
    try {
        const auto call = bus::newCall(bus_.get(), name, path, interface, "Describe");
        calls_.send(call.get(), readDeadline, [this](sd_bus_message* reply) { onDescription(reply); });
    } catch (const Error& e) {
        asking_ = false;
        failed_(e.why(), true);
    }
}

void Client::onDescription(sd_bus_message* reply) {
    asking_ = false;
    const bus::Failure failure = fitFailureOf(reply);
    const char* json = nullptr;
    const bool gone = sd_bus_is_open(bus_.get()) <= 0;
    if (failure.name.empty() && sd_bus_message_read(reply, "s", &json) >= 0)
        changed_(json);
    else
        failed_(failure.text.empty() ? "its answer is malformed" : failure.text, gone);
    if (std::exchange(again_, false) && !gone)
        refresh();
}

} // namespace stinky::ctl
