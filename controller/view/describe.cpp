#include "view/describe.h"

#include "core/advice.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

namespace stinky::view {
namespace {

double milliseconds(double seconds) {
    return std::round(seconds * 1000) / 1000;
}

Json ageOf(double when, double now) {
    return when <= 0 ? Json(nullptr) : Json(milliseconds(std::max(0.0, now - when)));
}

Json ageOfUsec(std::uint64_t monotonicUsec, double now) {
    return ageOf(static_cast<double>(monotonicUsec) / 1e6, now);
}

/// Ages were true when the part wrote them: the time since is added.
Json agedSince(const std::optional<double>& age, double writtenAt, double now) {
    return age ? Json(milliseconds(*age + std::max(0.0, now - writtenAt))) : Json(nullptr);
}

Json orNull(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json repairJson(const core::Snapshot& snapshot, const std::string& unit, double now) {
    Json json = {{"tried", 0}, {"most", core::repairLadder.size()}, {"next_s", nullptr}};
    const auto found = snapshot.repairs.find(unit);
    if (found == snapshot.repairs.end())
        return json;
    json["tried"] = found->second.tried;
    if (found->second.due)
        json["next_s"] = milliseconds(std::max(0.0, *found->second.due - now));
    return json;
}

Json unitJson(const core::UnitView& unit, const core::Snapshot& snapshot, double now) {
    const core::PartView* part = partOf(unit, snapshot.world.parts);
    const auto comebacks = snapshot.comebacks.find(unit.name);
    const bool restarting = unit.job.empty() && snapshot.restarting.contains(unit.name);
    return {
        {"name", unit.name},
        {"description", unit.description},
        {"role", toString(unit.role)},
        {"critical", core::isCritical(unit.name)},
        {"optional", core::isOptional(unit.name)},
        {"load_state", unit.loadState},
        {"active_state", unit.activeState},
        {"sub_state", unit.subState},
        {"result", unit.result},
        {"exit_status", unit.exitStatus},
        {"trouble", orNull(core::troubleOf(unit))},
        {"next_step", orNull(core::nextStepFor(unit))},
        {"status_text", unit.statusText},
        {"job", restarting ? Json("restart") : orNull(unit.job)},
        {"restarts", unit.restarts},
        {"comebacks", comebacks == snapshot.comebacks.end() ? 0 : comebacks->second},
        {"repair", repairJson(snapshot, unit.name, now)},
        {"main_pid", unit.mainPid == 0 ? Json(nullptr) : Json(unit.mainPid)},
        {"active_age_s",
         unit.activeState == "active" ? ageOfUsec(unit.activeEnterUsec, now) : Json(nullptr)},
        {"state_age_s", ageOfUsec(unit.stateChangeUsec, now)},
        {"part", part == nullptr ? Json(nullptr) : Json(part->part)},
    };
}

Json countersOf(const core::PartView& part) {
    Json counters = Json::parse(part.counters, nullptr, false);
    return counters.is_object() ? counters : Json::object();
}

Json partJson(const core::PartView& part, double now) {
    return {
        {"part", part.part},
        {"state", toString(part.health)},
        {"reason", part.reason},
        {"stale", part.staleAt(now)},
        {"age_s", milliseconds(std::max(0.0, now - part.writtenAt))},
        {"input_age_s", agedSince(part.inputAge, part.writtenAt, now)},
        {"output_age_s", agedSince(part.outputAge, part.writtenAt, now)},
        {"counters", countersOf(part)},
    };
}

const core::PartView* partOfKind(const core::Snapshot& snapshot, std::string_view kind) {
    const auto found = std::ranges::find(snapshot.world.parts, kind, &core::PartView::part);
    return found == snapshot.world.parts.end() ? nullptr : &*found;
}

/// A part's word and all that it counts, as one flat object: what changes when the part has news.
Json sectionOf(const core::PartView& part) {
    Json section = {{"part", part.part}, {"state", toString(part.health)}, {"reason", part.reason}};
    // A counter of such a name must not pass for the part's own word.
    const Json counters = countersOf(part);
    for (const auto& [key, value] : counters.items())
        if (!section.contains(key))
            section[key] = value;
    return section;
}

Json sectionOfFirst(const core::Snapshot& snapshot, std::initializer_list<std::string_view> kinds) {
    for (const std::string_view kind : kinds)
        if (const core::PartView* part = partOfKind(snapshot, kind))
            return sectionOf(*part);
    // Without a report there is still a unit that should give one.
    for (const std::string_view kind : kinds)
        for (const core::UnitView& unit : snapshot.world.units)
            if (unit.role == core::Role::member && core::kindOf(unit.name) == kind)
                return {{"part", std::string(kind)}, {"state", nullptr}, {"reason", core::troubleOf(unit)}};
    return nullptr;
}

template <typename Value>
void put(Json& json, const char* key, const std::optional<Value>& value) {
    json[key] = value ? Json(*value) : Json(nullptr);
}

void putFix(Json& json, const GpsFix& fix) {
    json["mode"] = fix.mode;
    json["latitude"] = fix.latitude;
    json["longitude"] = fix.longitude;
    put(json, "altitude", fix.altitudeMsl);
    put(json, "eph", fix.eph);
    put(json, "speed", fix.speed);
    put(json, "track", fix.track);
}

} // namespace

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json unitsJson(const core::Snapshot& snapshot, double now) {
    Json units = Json::array();
    for (const core::UnitView& unit : snapshot.world.units)
        if (unit.role != core::Role::device)
            units.push_back(unitJson(unit, snapshot, now));
    return units;
}

Json partsJson(const core::Snapshot& snapshot, double now) {
    Json parts = Json::array();
    for (const core::PartView& part : snapshot.world.parts)
        parts.push_back(partJson(part, now));
    return parts;
}

Json gpsJson(const core::Snapshot& snapshot, const GpsState* live, double now) {
    const core::PartView* part = partOfKind(snapshot, "gps");
    Json json =
        part == nullptr ? Json({{"part", "gps"}, {"state", nullptr}, {"reason", ""}}) : sectionOf(*part);
    json["live"] = live != nullptr && live->answered;
    if (live == nullptr || !live->answered)
        return json;
    json["reason"] = positionProblem(*live, now);
    json["satellites"] = live->satellitesUsed;
    json["satellites_seen"] = live->satellitesSeen;
    if (const auto fix = freshPosition(*live, now)) {
        putFix(json, *fix);
        json["reason"] = fix->mode >= 3 ? "3D fix" : "2D fix";
    } else {
        json["mode"] = live->fix.mode;
        for (const char* key : {"latitude", "longitude", "altitude", "eph", "speed", "track"})
            json.erase(key);
    }
    json["sky"] = Json::array();
    for (const GpsSatellite& satellite : live->satellites) {
        Json one = {{"prn", satellite.prn}, {"gnss", satellite.gnss}, {"used", satellite.used}};
        put(one, "elevation", satellite.elevation);
        put(one, "azimuth", satellite.azimuth);
        put(one, "signal", satellite.signal);
        json["sky"].push_back(std::move(one));
    }
    return json;
}

Json radiosJson(const core::Snapshot& snapshot) {
    Json radios = Json::array();
    for (const core::UnitView& unit : snapshot.world.units) {
        if (core::kindOf(unit.name) != "radio")
            continue;
        const core::PartView* part = partOf(unit, snapshot.world.parts);
        Json radio = part != nullptr ? sectionOf(*part)
                                     : Json({{"part", std::string(core::partNameOf(unit.name))},
                                             {"state", nullptr},
                                             {"reason", core::troubleOf(unit)}});
        radio["unit"] = unit.name;
        radio["held"] = unit.activeState == "active";
        radios.push_back(std::move(radio));
    }
    return radios;
}

Json scannerJson(const core::Snapshot& snapshot) {
    return sectionOfFirst(snapshot, {"kismet", "scan"});
}

Json takJson(const core::Snapshot& snapshot) {
    return sectionOfFirst(snapshot, {"tak", "wigletotak"});
}

Json describe(const core::Snapshot& snapshot, const GpsState* live, double now) {
    Json awaited = Json::array();
    for (const core::Awaited& one : snapshot.awaited)
        awaited.push_back({{"unit", one.unit}, {"age_s", ageOf(one.since, now)}});
    return {
        {"version", STINKY_VERSION},
        {"state", toString(snapshot.state)},
        {"reason", snapshot.reason},
        {"reasons", snapshot.reasons},
        {"next_step", orNull(snapshot.nextStep)},
        {"awaited", std::move(awaited)},
        {"state_age_s", milliseconds(std::max(0.0, now - snapshot.since))},
        {"target", unitJson(snapshot.world.target, snapshot, now)},
        {"units", unitsJson(snapshot, now)},
        {"parts", partsJson(snapshot, now)},
        {"gps", gpsJson(snapshot, live, now)},
        {"radios", radiosJson(snapshot)},
        {"scanner", scannerJson(snapshot)},
        {"tak", takJson(snapshot)},
    };
}

} // namespace stinky::view
