#include "fake_managers.h"

#include "common/error.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace stinky::radio {
namespace {

bus::Bus endOf(int fd, bool server) {
    sd_bus* raw = nullptr;
    checked(sd_bus_new(&raw), "make a bus");
    bus::Bus bus(raw);
    checked(sd_bus_set_fd(raw, fd, fd), "use the socket");
    if (server)
        checked(sd_bus_set_server(raw, 1, sd_id128_t{{7, 7, 7, 7}}), "make a server");
    checked(sd_bus_set_anonymous(raw, 1), "let anybody in");
    checked(sd_bus_start(raw), "start the bus");
    return bus;
}

constexpr const char* deviceRoot = "/org/freedesktop/NetworkManager/Devices/";
constexpr const char* supplicantRoot = "/fi/w1/wpa_supplicant1/Interfaces/";

std::string interfaceOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::string firstString(sd_bus_message* message) {
    const char* text = "";
    checked(sd_bus_message_read(message, "s", &text), "read an argument");
    return text;
}

} // namespace

bus::Bus FakeManagers::connect() {
    std::array<int, 2> fds = {};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds.data()) < 0)
        throw Error::fromErrno("make", "a socket pair", errno);
    stop_ = eventfd(0, EFD_CLOEXEC);
    fd_ = fds[0];
    thread_ = std::thread([this] {
        EventLoop loop;
        const EventSource end = loop.addIo(stop_, EPOLLIN, "end", [&](std::uint32_t) { loop.exit(0); });
        const bus::Bus server = endOf(fd_, true);
        checked(sd_bus_add_filter(server.get(), nullptr, onMessage, this), "listen");
        checked(sd_bus_attach_event(server.get(), loop.handle(), SD_EVENT_PRIORITY_NORMAL), "serve");
        loop.run();
    });
    return endOf(fds[1], false);
}

FakeManagers::~FakeManagers() {
    if (!thread_.joinable())
        return;
    const std::uint64_t one = 1;
    static_cast<void>(write(stop_, &one, sizeof one));
    thread_.join();
    close(stop_);
}

std::map<std::string, std::string> FakeManagers::created() {
    const std::lock_guard lock(mutex_);
    return world.created;
}

std::vector<std::string> FakeManagers::said() {
    const std::lock_guard lock(mutex_);
    return world.said;
}

int FakeManagers::onMessage(sd_bus_message* message, void* userdata, sd_bus_error*) noexcept {
    auto* self = static_cast<FakeManagers*>(userdata);
    if (sd_bus_message_is_method_call(message, nullptr, nullptr) <= 0)
        return 0;
    const std::lock_guard lock(self->mutex_);
    return self->answer(message) < 0 ? 0 : 1;
}

int FakeManagers::answer(sd_bus_message* message) {
    const std::string destination = sd_bus_message_get_destination(message);
    const std::string member = sd_bus_message_get_member(message);
    if (destination == "org.freedesktop.DBus")
        return answerBus(message);
    if (destination == "org.freedesktop.NetworkManager" && world.networkManagerRuns)
        return answerNetworkManager(message, member);
    if (destination == "fi.w1.wpa_supplicant1" && world.supplicantRuns)
        return answerSupplicant(message, member);
    return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_SERVICE_UNKNOWN, "nobody has this name");
}

int FakeManagers::answerBus(sd_bus_message* message) {
    if (std::strcmp(sd_bus_message_get_member(message), "NameHasOwner") != 0)
        return sd_bus_reply_method_return(message, "");
    const bool owned = firstString(message) == "org.freedesktop.NetworkManager" ? world.networkManagerRuns
                                                                                : world.supplicantRuns;
    return sd_bus_reply_method_return(message, "b", static_cast<int>(owned));
}

int FakeManagers::answerNetworkManager(sd_bus_message* message, const std::string& member) {
    const std::string path = sd_bus_message_get_path(message);
    if (member == "GetAllDevices") {
        sd_bus_message* raw = nullptr;
        checked(sd_bus_message_new_method_return(message, &raw), "reply");
        const bus::Message reply(raw);
        checked(sd_bus_message_open_container(raw, 'a', "o"), "reply");
        for (const auto& [interface, state] : world.devices)
            checked(sd_bus_message_append(raw, "o", (deviceRoot + interface).c_str()), "reply");
        checked(sd_bus_message_close_container(raw), "reply");
        return sd_bus_send(nullptr, raw, nullptr);
    }
    if (member == "Get")
        return getProperty(message);
    if (member == "SetManaged" && world.hasSetManaged) {
        std::uint32_t managed = 0;
        checked(sd_bus_message_read(message, "uu", &managed, nullptr), "read");
        return setManaged(message, path, managed == 1);
    }
    if (member == "Set") {
        int managed = 0;
        checked(sd_bus_message_read(message, "ssv", nullptr, nullptr, "b", &managed), "read");
        return setManaged(message, path, managed != 0);
    }
    return sd_bus_reply_method_errorf(message, SD_BUS_ERROR_UNKNOWN_METHOD, "no such method");
}

int FakeManagers::setManaged(sd_bus_message* message, const std::string& path, bool managed) {
    if (world.refuses)
        return sd_bus_reply_method_errorf(message, "org.freedesktop.NetworkManager.Device.PermissionDenied",
                                          "Not authorized to perform this operation");
    world.said.push_back(std::string(sd_bus_message_get_member(message)) + " " + interfaceOf(path) +
                         (managed ? " yes" : " no"));
    if (world.obeys)
        world.devices[interfaceOf(path)] = managed ? 30 : 10;
    return sd_bus_reply_method_return(message, "");
}

int FakeManagers::getProperty(sd_bus_message* message) {
    const char* name = "";
    checked(sd_bus_message_read(message, "ss", nullptr, &name), "read");
    const std::string interface = interfaceOf(sd_bus_message_get_path(message));
    if (std::strcmp(name, "Interface") == 0)
        return sd_bus_reply_method_return(message, "v", "s", interface.c_str());
    if (std::strcmp(name, "State") == 0)
        return sd_bus_reply_method_return(message, "v", "u", world.devices[interface]);
    const std::map<std::string, std::string> texts = {
        {"Driver", "nl80211"}, {"ConfigFile", "/etc/wpa.conf"}, {"BridgeIfname", ""}};
    return sd_bus_reply_method_return(message, "v", "s", texts.at(name).c_str());
}

int FakeManagers::answerSupplicant(sd_bus_message* message, const std::string& member) {
    if (member == "Get")
        return getProperty(message);
    if (member == "CreateInterface")
        return create(message);
    if (member == "RemoveInterface") {
        const char* path = "";
        checked(sd_bus_message_read(message, "o", &path), "read");
        world.supplicantHas.erase(interfaceOf(path));
        world.said.push_back("RemoveInterface " + interfaceOf(path));
        return sd_bus_reply_method_return(message, "");
    }
    const std::string interface = firstString(message);
    if (!world.supplicantHas.contains(interface))
        return sd_bus_reply_method_errorf(message, "fi.w1.wpa_supplicant1.InterfaceUnknown", "not known");
    return sd_bus_reply_method_return(message, "o", (supplicantRoot + interface).c_str());
}

int FakeManagers::create(sd_bus_message* message) {
    checked(sd_bus_message_enter_container(message, 'a', "{sv}"), "read");
    const char* key = nullptr;
    const char* value = nullptr;
    while (sd_bus_message_read(message, "{sv}", &key, "s", &value) > 0)
        world.created[key] = value;
    world.supplicantHas.insert(world.created["Ifname"]);
    world.said.emplace_back("CreateInterface");
    return sd_bus_reply_method_return(message, "o", (supplicantRoot + world.created["Ifname"]).c_str());
}

} // namespace stinky::radio
