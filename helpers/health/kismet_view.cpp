#include "health/kismet_view.h"

#include "common/error.h"
#include "common/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace stinky::health {
namespace {

using Json = nlohmann::json;

constexpr std::size_t mostSources = 32;
constexpr std::size_t longestReason = 200;

Json parse(const std::string& text, const char* what, Json::value_t expected) {
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded() || json.type() != expected)
        throw Error("read", what, "Kismet's answer is not what it should be");
    return json;
}

// Kismet leaves out a field, or says 0, when it does not know it.
std::uint64_t number(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number())
        return 0;
    const auto value = found->get<double>();
    return value > 0 && value < 1e18 ? static_cast<std::uint64_t>(value) : 0;
}

std::string text(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string()
               ? displayText(found->get<std::string>(), longestReason)
               : std::string();
}

/// A path is compared with names in a directory: it must stay as it is.
std::string path(const Json& object, const char* key) {
    const auto found = object.find(key);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string nameOf(const KismetSource& source) {
    return source.interface.empty() ? "its source" : source.interface;
}

const KismetSource* runningSource(const KismetPicture& picture) {
    const auto found = std::ranges::find_if(
        picture.sources, [](const KismetSource& source) { return source.running && !source.error; });
    return found == picture.sources.end() ? nullptr : &*found;
}

Finding sourceProblem(const KismetPicture& picture) {
    Finding finding;
    finding.state = PartState::fault;
    for (const KismetSource& source : picture.sources)
        if (source.error || !source.errorReason.empty()) {
            finding.reason =
                "Kismet cannot capture on " + nameOf(source) + ": " +
                (source.errorReason.empty() ? std::string("it does not say why") : source.errorReason);
            return finding;
        }
    finding.reason = picture.sources.empty()
                         ? "Kismet has no source to capture from"
                         : "Kismet does not capture on " + nameOf(picture.sources.front());
    return finding;
}

/// Packets, log, position: in the order in which one hides the next.
void judgeFlow(const KismetPicture& picture, const KismetSource& source, const PacketWatch& packets,
               double now, double silence, Finding& finding) {
    finding.inputAge = packets.age(now);
    if (!finding.inputAge) {
        finding.state = PartState::waiting;
        finding.reason = "Kismet waits for the first packets of " + nameOf(source);
    } else if (*finding.inputAge > silence) {
        finding.state = PartState::fault;
        finding.reason =
            fmt::format("Kismet has had no packet from {} for more than {:.0f} s", nameOf(source), silence);
    } else if (!picture.withheld.empty()) {
        // It works; a restart would free nothing.
        finding.flows = true;
        finding.state = PartState::degraded;
        finding.reason = picture.withheld;
    } else if (picture.logs && picture.logs->empty()) {
        finding.state = PartState::fault;
        finding.reason = "Kismet has no wiglecsv log open: nothing reaches TAK";
    } else {
        finding.flows = true;
        finding.state = PartState::ok;
        finding.reason = "Kismet captures on " + nameOf(source);
        if (picture.gps && (!picture.gps->connected || picture.gps->fix < 2)) {
            finding.state = PartState::waiting;
            finding.reason = picture.gps->connected ? "no position: Kismet waits for a GPS fix"
                                                    : "no position: Kismet is not connected to gpsd";
        }
    }
}

} // namespace

std::vector<KismetSource> parseKismetSources(const std::string& answer) {
    std::vector<KismetSource> sources;
    for (const Json& entry : parse(answer, "all_sources.json", Json::value_t::array)) {
        if (!entry.is_object() || sources.size() == mostSources)
            continue;
        KismetSource source;
        source.uuid = text(entry, "kismet.datasource.uuid");
        source.interface = text(entry, "kismet.datasource.interface");
        source.running = number(entry, "kismet.datasource.running") != 0;
        source.error = number(entry, "kismet.datasource.error") != 0;
        source.errorReason = text(entry, "kismet.datasource.error_reason");
        source.packets = number(entry, "kismet.datasource.num_packets");
        sources.push_back(std::move(source));
    }
    return sources;
}

std::vector<KismetLog> parseKismetLogs(const std::string& answer) {
    std::vector<KismetLog> logs;
    for (const Json& entry : parse(answer, "active.json", Json::value_t::array)) {
        if (!entry.is_object() || number(entry, "kismet.logfile.open") == 0)
            continue;
        KismetLog log{text(entry, "kismet.logfile.uuid"), path(entry, "kismet.logfile.path")};
        if (log.path.ends_with(".wiglecsv"))
            logs.push_back(std::move(log));
    }
    return logs;
}

KismetSystem parseKismetSystem(const std::string& answer) {
    const Json json = parse(answer, "status.json", Json::value_t::object);
    return {number(json, "kismet.system.devices.count"), number(json, "kismet.system.memory.rss"),
            text(json, "kismet.system.version")};
}

KismetGps parseKismetGps(const std::string& answer) {
    KismetGps best;
    for (const Json& entry : parse(answer, "all_gps.json", Json::value_t::array)) {
        if (!entry.is_object() || number(entry, "kismet.gps.connected") == 0)
            continue;
        best.connected = true;
        const auto location = entry.find("kismet.gps.location");
        if (location != entry.end() && location->is_object())
            best.fix = std::max(best.fix, static_cast<int>(std::min<std::uint64_t>(
                                              3, number(*location, "kismet.common.location.fix"))));
    }
    return best;
}

void PacketWatch::observe(const std::vector<KismetSource>& sources, double now) {
    total_ = 0;
    for (const KismetSource& source : sources) {
        total_ += source.packets;
        const auto [known, isNew] = last_.try_emplace(source.uuid, source.packets);
        // A count that fell is that of a source opened anew.
        if (!isNew && source.packets > known->second && source.running && !source.error)
            lastRise_ = now;
        known->second = source.packets;
    }
    std::erase_if(last_, [&](const auto& entry) {
        return std::ranges::none_of(sources, [&](const KismetSource& s) { return s.uuid == entry.first; });
    });
}

std::optional<double> PacketWatch::age(double now) const {
    return lastRise_ ? std::optional(now - *lastRise_) : std::nullopt;
}

Finding judgeKismet(const KismetPicture& picture, const PacketWatch& packets, double now, double silence) {
    Finding finding;
    finding.state = PartState::fault;
    if (picture.refused) {
        finding.reason =
            "Kismet refuses our login: restart stinky-kismet.service, which gives it the right one";
        return finding;
    }
    if (!picture.problem.empty()) {
        finding.reason = picture.problem;
        return finding;
    }
    const KismetSource* source = runningSource(picture);
    if (source == nullptr)
        finding = sourceProblem(picture);
    else
        judgeFlow(picture, *source, packets, now, silence, finding);
    finding.counters = {{"packets", packets.total()}, {"sources", picture.sources.size()}};
    if (picture.system) {
        finding.counters["devices"] = picture.system->devices;
        finding.counters["memory_kb"] = picture.system->memoryKb;
        finding.counters["version"] = picture.system->version;
    }
    if (picture.gps) {
        finding.counters["gps_connected"] = picture.gps->connected;
        finding.counters["gps_fix"] = picture.gps->fix;
    }
    if (picture.logs && !picture.logs->empty())
        finding.counters["capture"] = picture.logs->back().path;
    return finding;
}

} // namespace stinky::health
