#pragma once

#include "common/bus.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stinky::test {

/// systemd's manager as far as the controller uses it, on one end of a BusPair.
class FakeSystemd {
public:
    struct Unit {
        std::string activeState = "inactive";
        std::string subState = "dead";
        std::string loadState = "loaded";
        std::string result = "success";
        std::string statusText;
        std::uint32_t restarts = 0;
        std::uint32_t pid = 0;
        std::uint64_t since = 0;
        std::uint32_t job = 0;
        std::vector<std::string> wants;
        std::vector<std::string> partOfMe;
        std::vector<std::string> required;
        std::vector<std::string> boundTo;
        std::int32_t exitStatus = 0;
        std::int32_t exitCode = 0;
        bool loaded = true;
    };

    explicit FakeSystemd(sd_bus* bus);

    /// The unit, made when it is not there.
    Unit& unit(const std::string& name) { return units[name]; }

    /// Sets the state and announces it as systemd does: all changeable properties of both interfaces.
    void set(const std::string& name, const std::string& activeState, const std::string& subState);
    void announce(const std::string& name);
    /// A job of `type` for the unit turns up in the queue; returns its path.
    std::string addJob(const std::string& name, const std::string& type);
    /// The unit's job ends.
    void endJob(const std::string& name, const std::string& result);
    void signalUnit(const char* member, const std::string& name);
    void reloaded();
    void cameBack();

    static std::string path(const std::string& name);

    std::map<std::string, Unit> units;
    std::map<std::uint32_t, std::string> jobs; ///< id to type
    std::vector<std::string> calls;            ///< "StartUnit stinky.target replace", "Subscribe", ...
    std::string refuse;  ///< D-Bus error name with which job calls are answered; empty to accept
    bool silent = false; ///< job calls are never answered
    std::vector<bus::Message> unanswered;

private:
    struct Vtable;
    static std::string jobPath(std::uint32_t id);

    sd_bus* bus_;
    std::uint32_t nextJob_ = 1;
    std::vector<bus::Slot> slots_;
};

} // namespace stinky::test
