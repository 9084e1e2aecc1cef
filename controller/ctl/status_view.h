#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace stinky::ctl {

/// A part's own report.
struct PartLine {
    std::string part;
    std::string state; ///< "ok", "waiting", "degraded", "fault"
    std::string reason;
    bool stale = false;
    std::optional<double> outputAge; ///< seconds
    nlohmann::json counters = nlohmann::json::object();
};

/// A unit, and the report of the part that it runs.
struct UnitLine {
    std::string name; ///< "stinky-scan.service"
    bool member = true;
    bool optional = false;
    std::string role = "member"; ///< also "bound", "attached"
    std::string loadState;
    std::string activeState;
    std::string subState;
    std::string result;
    std::string statusText;
    std::string job;
    std::string trouble;  ///< for people, empty when there is none
    std::string nextStep; ///< the same
    unsigned restarts = 0;
    unsigned repairs = 0;
    std::optional<double> stateAge; ///< seconds
    std::optional<PartLine> part;

    bool active() const { return activeState == "active" || activeState == "reloading"; }

    /// It is on its way: systemd has something in store for it that is not over.
    bool busy() const {
        return !job.empty() || activeState == "deactivating" ||
               (activeState == "activating" && subState != "auto-restart");
    }
};

/// What Describe tells, as far as a person's screen needs it.
struct StatusView {
    std::string state;
    std::string reason;
    std::string nextStep;
    double stateAge = 0;         ///< seconds
    std::vector<UnitLine> units; ///< in the order in which the data flows
    std::vector<PartLine> parts; ///< all of them
    nlohmann::json radios = nlohmann::json::array();
    nlohmann::json disk = nlohmann::json::object();

    bool up() const { return state == "running" || state == "degraded"; }

    /// Every member that the target wants and that is missed is active.
    bool complete() const;
};

/// Reads Describe's text. Fields that are missing are left empty, those unknown are passed over: the other
/// side may be of another version. Throws Error when it is no JSON object with a state.
StatusView parseDescription(const std::string& text);

/// "scan" for "stinky-scan.service", "radio@wlan2" for "stinky-radio@wlan2.service".
std::string partName(const std::string& unitName);

} // namespace stinky::ctl
