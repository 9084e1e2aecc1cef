#include "systemd/unit_properties.h"

#include "common/error.h"
#include "common/text.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace stinky::systemd {
namespace {

constexpr const char* unitPrefix = "/org/freedesktop/systemd1/unit";
constexpr std::size_t longestText = 300;

int read(int result) {
    return checked(result, "read", "a unit's properties");
}

std::string readString(sd_bus_message* message) {
    const char* text = nullptr;
    read(sd_bus_message_read(message, "v", "s", &text));
    return text;
}

std::uint64_t readU64(sd_bus_message* message) {
    std::uint64_t value = 0;
    read(sd_bus_message_read(message, "v", "t", &value));
    return value;
}

std::uint32_t readU32(sd_bus_message* message) {
    std::uint32_t value = 0;
    read(sd_bus_message_read(message, "v", "u", &value));
    return value;
}

bool readBool(sd_bus_message* message) {
    int value = 0;
    read(sd_bus_message_read(message, "v", "b", &value));
    return value != 0;
}

std::int32_t readI32(sd_bus_message* message) {
    std::int32_t value = 0;
    read(sd_bus_message_read(message, "v", "i", &value));
    return value;
}

bool isKill(std::int32_t code) {
    return code == CLD_KILLED || code == CLD_DUMPED;
}

std::string readJob(sd_bus_message* message) {
    std::uint32_t id = 0;
    const char* path = nullptr;
    read(sd_bus_message_read(message, "v", "(uo)", &id, &path));
    return id == 0 ? "/" : path;
}

void readNames(sd_bus_message* message, std::vector<std::string>& names) {
    read(sd_bus_message_enter_container(message, 'v', "as"));
    read(sd_bus_message_enter_container(message, 'a', "s"));
    const char* name = nullptr;
    while (read(sd_bus_message_read(message, "s", &name)) > 0)
        if (std::ranges::find(names, name) == names.end())
            names.emplace_back(name);
    read(sd_bus_message_exit_container(message));
    read(sd_bus_message_exit_container(message));
}

} // namespace

std::string unitPath(const std::string& unitName) {
    char* raw = nullptr;
    checked(sd_bus_path_encode(unitPrefix, unitName.c_str(), &raw), "name the object of", unitName);
    const std::unique_ptr<char, decltype(&std::free)> path(raw, &std::free);
    return path.get();
}

void readProperty(sd_bus_message* message, const std::string& property, core::UnitView& view,
                  UnitExtras& extras) {
    if (property == "ActiveState")
        view.activeState = readString(message);
    else if (property == "SubState")
        view.subState = readString(message);
    else if (property == "LoadState")
        view.loadState = readString(message);
    else if (property == "Description")
        view.description = displayText(readString(message), longestText);
    else if (property == "Result")
        view.result = readString(message);
    else if (property == "StatusText")
        view.statusText = displayText(readString(message), longestText);
    else if (property == "NRestarts")
        view.restarts = readU32(message);
    else if (property == "MainPID")
        view.mainPid = readU32(message);
    else if (property == "ActiveEnterTimestampMonotonic")
        view.activeEnterUsec = readU64(message);
    else if (property == "StateChangeTimestampMonotonic")
        view.stateChangeUsec = readU64(message);
    else if (property == "ConditionResult")
        view.conditionMet = readBool(message);
    else if (property == "ConditionTimestampMonotonic")
        view.conditionUsec = readU64(message);
    else if (property == "Job")
        extras.jobPath = readJob(message);
    else if (property == "ExecMainStatus")
        view.exitStatus = readI32(message);
    else if (property == "ExecMainCode")
        view.killed = isKill(readI32(message));
    else if (property == "Wants")
        readNames(message, extras.wants);
    else if (property == "Requires")
        readNames(message, extras.required);
    else if (property == "BindsTo")
        readNames(message, extras.boundTo);
    else if (property == "ConsistsOf")
        readNames(message, extras.partOfIt);
    else
        read(sd_bus_message_skip(message, "v"));
}

UnitExtras readProperties(sd_bus_message* message, core::UnitView& view) {
    UnitExtras extras;
    read(sd_bus_message_enter_container(message, 'a', "{sv}"));
    while (read(sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
        const char* property = nullptr;
        read(sd_bus_message_read(message, "s", &property));
        readProperty(message, property, view, extras);
        read(sd_bus_message_exit_container(message));
    }
    read(sd_bus_message_exit_container(message));
    return extras;
}

} // namespace stinky::systemd
