#include "fake_systemd.h"

#include "common/error.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

namespace stinky::test {
namespace {

constexpr const char* manager = "/org/freedesktop/systemd1";
constexpr const char* managerInterface = "org.freedesktop.systemd1.Manager";
constexpr const char* unitPrefix = "/org/freedesktop/systemd1/unit";
constexpr const char* jobPrefix = "/org/freedesktop/systemd1/job";

std::string nameOf(const char* path) {
    char* raw = nullptr;
    if (sd_bus_path_decode(path, unitPrefix, &raw) <= 0)
        return {};
    const std::unique_ptr<char, decltype(&std::free)> name(raw, &std::free);
    return name.get();
}

std::uint32_t idOf(const char* path) {
    return static_cast<std::uint32_t>(
        std::strtoul(path + std::string_view(jobPrefix).size() + 1, nullptr, 10));
}

int appendNames(sd_bus_message* reply, const std::vector<std::string>& names) {
    sd_bus_message_open_container(reply, 'a', "s");
    for (const std::string& name : names)
        sd_bus_message_append(reply, "s", name.c_str());
    return sd_bus_message_close_container(reply);
}

} // namespace

struct FakeSystemd::Vtable {
    static FakeSystemd& self(void* userdata) { return *static_cast<FakeSystemd*>(userdata); }

    static int findUnit(sd_bus*, const char* path, const char*, void* userdata, void** found,
                        sd_bus_error*) {
        FakeSystemd& fake = self(userdata);
        const auto unit = fake.units.find(nameOf(path));
        if (unit == fake.units.end())
            return 0;
        // Whoever looks at a unit by its path makes systemd load it.
        unit->second.loaded = true;
        fake.calls.push_back("look " + unit->first);
        *found = &fake;
        return 1;
    }

    static int findJob(sd_bus*, const char* path, const char*, void* userdata, void** found, sd_bus_error*) {
        *found = userdata;
        return self(userdata).jobs.contains(idOf(path)) ? 1 : 0;
    }

    static int text(sd_bus*, const char* path, const char*, const char* property, sd_bus_message* reply,
                    void* userdata, sd_bus_error*) {
        const std::string name = nameOf(path);
        const Unit& unit = self(userdata).units.at(name);
        const std::string_view key = property;
        const std::string description = "the unit " + name;
        const std::string& value = key == "ActiveState"  ? unit.activeState
                                   : key == "SubState"   ? unit.subState
                                   : key == "LoadState"  ? unit.loadState
                                   : key == "Result"     ? unit.result
                                   : key == "StatusText" ? unit.statusText
                                                         : description;
        return sd_bus_message_append(reply, "s", value.c_str());
    }

    static int number(sd_bus*, const char* path, const char*, const char* property, sd_bus_message* reply,
                      void* userdata, sd_bus_error*) {
        const Unit& unit = self(userdata).units.at(nameOf(path));
        return sd_bus_message_append(reply, "u",
                                     std::string_view(property) == "MainPID" ? unit.pid : unit.restarts);
    }

    static int end(sd_bus*, const char* path, const char*, const char* property, sd_bus_message* reply,
                   void* userdata, sd_bus_error*) {
        const Unit& unit = self(userdata).units.at(nameOf(path));
        return sd_bus_message_append(
            reply, "i", std::string_view(property) == "ExecMainCode" ? unit.exitCode : unit.exitStatus);
    }

    static int time(sd_bus*, const char* path, const char*, const char*, sd_bus_message* reply,
                    void* userdata, sd_bus_error*) {
        return sd_bus_message_append(reply, "t", self(userdata).units.at(nameOf(path)).since);
    }

    static int names(sd_bus*, const char* path, const char*, const char* property, sd_bus_message* reply,
                     void* userdata, sd_bus_error*) {
        const Unit& unit = self(userdata).units.at(nameOf(path));
        const std::string_view key = property;
        return appendNames(reply, key == "Wants"      ? unit.wants
                                  : key == "Requires" ? unit.required
                                  : key == "BindsTo"  ? unit.boundTo
                                                      : unit.partOfMe);
    }

    static int job(sd_bus*, const char* path, const char*, const char*, sd_bus_message* reply,
                   void* userdata, sd_bus_error*) {
        const std::uint32_t id = self(userdata).units.at(nameOf(path)).job;
        return sd_bus_message_append(reply, "(uo)", id, id == 0 ? "/" : jobPath(id).c_str());
    }

    static int jobType(sd_bus*, const char* path, const char*, const char*, sd_bus_message* reply,
                       void* userdata, sd_bus_error*) {
        return sd_bus_message_append(reply, "s", self(userdata).jobs.at(idOf(path)).c_str());
    }

    static int subscribe(sd_bus_message* call, void* userdata, sd_bus_error* error) {
        FakeSystemd& fake = self(userdata);
        fake.calls.emplace_back("Subscribe");
        if (std::ranges::count(fake.calls, "Subscribe") > 1)
            return sd_bus_error_set(error, "org.freedesktop.systemd1.AlreadySubscribed", "already");
        return sd_bus_reply_method_return(call, nullptr);
    }

    static int list(sd_bus_message* call, void* userdata, sd_bus_error*) {
        FakeSystemd& fake = self(userdata);
        const char* pattern = nullptr;
        sd_bus_message_skip(call, "as");
        sd_bus_message_enter_container(call, 'a', "s");
        sd_bus_message_read(call, "s", &pattern);
        sd_bus_message* raw = nullptr;
        sd_bus_message_new_method_return(call, &raw);
        const bus::Message reply(raw);
        sd_bus_message_open_container(raw, 'a', "(ssssssouso)");
        for (const auto& [name, unit] : fake.units)
            if (unit.loaded && fnmatch(pattern, name.c_str(), 0) == 0)
                sd_bus_message_append(raw, "(ssssssouso)", name.c_str(), "", unit.loadState.c_str(),
                                      unit.activeState.c_str(), unit.subState.c_str(), "",
                                      path(name).c_str(), 0, "", "/");
        sd_bus_message_close_container(raw);
        return sd_bus_message_send(raw);
    }

    static int getUnit(sd_bus_message* call, void* userdata, sd_bus_error* error) {
        FakeSystemd& fake = self(userdata);
        const char* name = nullptr;
        sd_bus_message_read(call, "s", &name);
        const auto unit = fake.units.find(name);
        if (unit == fake.units.end() || !unit->second.loaded)
            return sd_bus_error_set(error, "org.freedesktop.systemd1.NoSuchUnit", "not loaded");
        return sd_bus_reply_method_return(call, "o", path(name).c_str());
    }

    static int resetFailed(sd_bus_message* call, void* userdata, sd_bus_error*) {
        const char* name = nullptr;
        sd_bus_message_read(call, "s", &name);
        self(userdata).calls.push_back(std::string("ResetFailedUnit ") + name);
        self(userdata).set(name, "inactive", "dead");
        return sd_bus_reply_method_return(call, nullptr);
    }

    static int changeUnit(sd_bus_message* call, void* userdata, sd_bus_error* error) {
        FakeSystemd& fake = self(userdata);
        const char* name = nullptr;
        const char* mode = nullptr;
        sd_bus_message_read(call, "ss", &name, &mode);
        const std::string member = sd_bus_message_get_member(call);
        fake.calls.push_back(member + " " + name + " " + mode);
        if (!fake.refuse.empty())
            return sd_bus_error_set(error, fake.refuse.c_str(), "refused by the test");
        if (fake.silent) {
            fake.unanswered.emplace_back(sd_bus_message_ref(call));
            return 1;
        }
        const std::string job = fake.addJob(name, member == "StartUnit"  ? "start"
                                                  : member == "StopUnit" ? "stop"
                                                                         : "restart");
        return sd_bus_reply_method_return(call, "o", job.c_str());
    }

    static const sd_bus_vtable managerTable[];
    static const sd_bus_vtable unitTable[];
    static const sd_bus_vtable serviceTable[];
    static const sd_bus_vtable jobTable[];
};

const sd_bus_vtable FakeSystemd::Vtable::managerTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Subscribe", "", "", subscribe, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListUnitsByPatterns", "asas", "a(ssssssouso)", list, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("GetUnit", "s", "o", getUnit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ResetFailedUnit", "s", "", resetFailed, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("StartUnit", "ss", "o", changeUnit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("StopUnit", "ss", "o", changeUnit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RestartUnit", "ss", "o", changeUnit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

const sd_bus_vtable FakeSystemd::Vtable::unitTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Description", "s", text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("LoadState", "s", text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("ActiveState", "s", text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("SubState", "s", text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("ActiveEnterTimestampMonotonic", "t", time, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("StateChangeTimestampMonotonic", "t", time, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Job", "(uo)", job, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("Wants", "as", names, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("Requires", "as", names, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("BindsTo", "as", names, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_PROPERTY("ConsistsOf", "as", names, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

const sd_bus_vtable FakeSystemd::Vtable::serviceTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Result", "s", text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("StatusText", "s", text, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("NRestarts", "u", number, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("MainPID", "u", number, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("ExecMainStatus", "i", end, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_PROPERTY("ExecMainCode", "i", end, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};

const sd_bus_vtable FakeSystemd::Vtable::jobTable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("JobType", "s", jobType, 0, SD_BUS_VTABLE_PROPERTY_CONST),
    SD_BUS_VTABLE_END,
};

FakeSystemd::FakeSystemd(sd_bus* bus) : bus_(bus) {
    sd_bus_slot* slot = nullptr;
    checked(sd_bus_add_object_vtable(bus, &slot, manager, managerInterface, Vtable::managerTable, this),
            "manager");
    slots_.emplace_back(slot);
    checked(sd_bus_add_fallback_vtable(bus, &slot, unitPrefix, "org.freedesktop.systemd1.Unit",
                                       Vtable::unitTable, Vtable::findUnit, this),
            "units");
    slots_.emplace_back(slot);
    checked(sd_bus_add_fallback_vtable(bus, &slot, unitPrefix, "org.freedesktop.systemd1.Service",
                                       Vtable::serviceTable, Vtable::findUnit, this),
            "services");
    slots_.emplace_back(slot);
    checked(sd_bus_add_fallback_vtable(bus, &slot, jobPrefix, "org.freedesktop.systemd1.Job",
                                       Vtable::jobTable, Vtable::findJob, this),
            "jobs");
    slots_.emplace_back(slot);
}

std::string FakeSystemd::path(const std::string& name) {
    char* raw = nullptr;
    checked(sd_bus_path_encode(unitPrefix, name.c_str(), &raw), "encode", name);
    const std::unique_ptr<char, decltype(&std::free)> encoded(raw, &std::free);
    return encoded.get();
}

std::string FakeSystemd::jobPath(std::uint32_t id) {
    return std::string(jobPrefix) + "/" + std::to_string(id);
}

void FakeSystemd::set(const std::string& name, const std::string& activeState, const std::string& subState) {
    units[name].activeState = activeState;
    units[name].subState = subState;
    announce(name);
}

void FakeSystemd::announce(const std::string& name) {
    // systemd sends the service's properties first.
    if (name.ends_with(".service"))
        checked(sd_bus_emit_properties_changed(bus_, path(name).c_str(), "org.freedesktop.systemd1.Service",
                                               "Result", "StatusText", "NRestarts", "MainPID",
                                               "ExecMainStatus", "ExecMainCode", nullptr),
                "announce", name);
    checked(sd_bus_emit_properties_changed(bus_, path(name).c_str(), "org.freedesktop.systemd1.Unit",
                                           "ActiveState", "SubState", "Job", "ActiveEnterTimestampMonotonic",
                                           "StateChangeTimestampMonotonic", nullptr),
            "announce", name);
}

std::string FakeSystemd::addJob(const std::string& name, const std::string& type) {
    const std::uint32_t id = nextJob_++;
    jobs[id] = type;
    units[name].job = id;
    std::string job = jobPath(id);
    checked(
        sd_bus_emit_signal(bus_, manager, managerInterface, "JobNew", "uos", id, job.c_str(), name.c_str()),
        "announce", job);
    announce(name);
    return job;
}

void FakeSystemd::endJob(const std::string& name, const std::string& result) {
    const std::uint32_t id = units[name].job;
    announce(name);
    checked(sd_bus_emit_signal(bus_, manager, managerInterface, "JobRemoved", "uoss", id,
                               jobPath(id).c_str(), name.c_str(), result.c_str()),
            "announce the end of a job");
    units[name].job = 0;
    jobs.erase(id);
    announce(name);
}

void FakeSystemd::signalUnit(const char* member, const std::string& name) {
    checked(
        sd_bus_emit_signal(bus_, manager, managerInterface, member, "so", name.c_str(), path(name).c_str()),
        "announce", name);
}

void FakeSystemd::reloaded() {
    checked(sd_bus_emit_signal(bus_, manager, managerInterface, "Reloading", "b", 1), "announce a reload");
    for (const auto& [name, unit] : units)
        signalUnit("UnitRemoved", name);
    for (const auto& [name, unit] : units)
        signalUnit("UnitNew", name);
    checked(sd_bus_emit_signal(bus_, manager, managerInterface, "Reloading", "b", 0), "announce a reload");
}

void FakeSystemd::cameBack() {
    checked(sd_bus_emit_signal(bus_, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
                               "sss", "org.freedesktop.systemd1", "", ":1.2"),
            "announce systemd");
}

} // namespace stinky::test
