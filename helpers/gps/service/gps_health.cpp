#include "gps/service/gps_health.h"

#include <fmt/format.h>

namespace stinky::gps {
namespace {

constexpr double minute = 60;

template <typename Value>
void put(nlohmann::json& counters, const char* name, const std::optional<Value>& value) {
    if (value)
        counters[name] = *value;
}

nlohmann::json receiversOf(const GpsState& state) {
    nlohmann::json all = nlohmann::json::array();
    for (const std::string& device : state.devices) {
        nlohmann::json one = {{"device", device}};
        if (const auto known = state.receivers.find(device); known != state.receivers.end()) {
            if (!known->second.driver.empty())
                one["driver"] = known->second.driver;
            if (known->second.baud > 0)
                one["baud"] = known->second.baud;
        }
        all.push_back(std::move(one));
    }
    return all;
}

nlohmann::json countersOf(const GpsState& state, const GpsHealth::Extras& extras, double now) {
    nlohmann::json counters = {{"receivers", receiversOf(state)},
                               {"mode", state.fix.mode},
                               {"satellites", state.satellitesUsed},
                               {"satellites_seen", state.satellitesSeen},
                               {"gpsd_restarts", extras.gpsdRestarts},
                               {"time_trusted", extras.timeTrusted},
                               {"time_set", extras.timeSet}};
    if (!freshPosition(state, now))
        return counters;
    counters["latitude"] = state.fix.latitude;
    counters["longitude"] = state.fix.longitude;
    put(counters, "altitude", state.fix.altitudeMsl);
    put(counters, "eph", state.fix.eph);
    put(counters, "speed", state.fix.speed);
    put(counters, "track", state.fix.track);
    return counters;
}

} // namespace

Situation situationOf(const GpsState& state, double monotonic) noexcept {
    if (!state.connected || !state.answered)
        return Situation::gpsdSilent;
    if (state.devices.empty())
        return Situation::noReceiver;
    return freshPosition(state, monotonic) ? Situation::fix : Situation::noFix;
}

bool GpsHealth::observe(const GpsState& state, double now) {
    const Situation before = situation_;
    situation_ = situationOf(state, now);
    if (situation_ == before)
        return false;
    if (situation_ == Situation::noFix)
        since_ = now;
    return true;
}

void GpsHealth::judge(const GpsState& state, const Extras& extras, double now, PartReport& report) const {
    switch (situation_) {
    case Situation::fix:
        report.state = PartState::ok;
        report.reason = state.fix.mode >= 3 ? "3D fix" : "2D fix";
        return;
    case Situation::gpsdSilent:
        if (extras.gpsdGivenUp) {
            report.state = PartState::degraded;
            report.reason = "gpsd does not answer, also after 2 restarts: going on without GPS";
            return;
        }
        break;
    case Situation::noFix:
        if (now - since_ >= noFixMinutes_ * minute) {
            report.state = PartState::degraded;
            report.reason =
                fmt::format("no fix for {} {}", noFixMinutes_, noFixMinutes_ == 1 ? "minute" : "minutes");
            return;
        }
        break;
    case Situation::noReceiver:
        break;
    }
    report.state = PartState::waiting;
    report.reason = positionProblem(state, now);
    if (report.reason.empty()) // between gpsd's greeting and its first answer
        report.reason = "no position: gpsd does not answer";
}

PartReport GpsHealth::report(const GpsState& state, const Extras& extras, double now) const {
    PartReport report;
    report.part = "gps";
    judge(state, extras, now, report);
    if (state.fix.monotonic > 0)
        report.inputAge = now - state.fix.monotonic;
    report.counters = countersOf(state, extras, now);
    return report;
}

std::string fixText(const GpsState& state) {
    std::string text =
        fmt::format("{}D fix at {:.6f} {:.6f}", state.fix.mode, state.fix.latitude, state.fix.longitude);
    if (state.satellitesSeen > 0) // they are told apart from the position, and later
        text += fmt::format(", {} of {} satellites", state.satellitesUsed, state.satellitesSeen);
    return text;
}

} // namespace stinky::gps
