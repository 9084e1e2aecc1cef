#include "web/routes.h"

#include "common/part_status.h"
#include "web/legacy.h"
#include "web/request_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "view/json_field.h"

namespace stinky::web {
namespace {

constexpr double kismetDataSeconds = 1;

Response cached(const std::shared_ptr<const std::string>& text) {
    Response response;
    response.text = text;
    return response;
}

template <typename Value>
Json orNull(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json partsNamed(const Json& description, std::string_view prefix) {
    Json found = Json::array();
    for (const Json& part : view::arrayField(description, "parts"))
        if (part.value("part", "").starts_with(prefix))
            found.push_back(part);
    return found;
}

/// Where Kismet's own page answers: on every address of the machine when `host` is null.
Json kismetPage(const std::string& listen) {
    const std::size_t colon = listen.rfind(':');
    const std::string host = listen.substr(0, colon);
    const bool everywhere = host == "0.0.0.0" || host == "::" || host == "[::]";
    return {{"host", everywhere ? Json(nullptr) : Json(host)},
            {"port", std::stoi(listen.substr(colon + 1))}};
}

/// The body of a request as a JSON object; an empty one is {}. Nothing for anything else.
std::optional<Json> object(const Request& request) {
    if (request.body.empty())
        return Json::object();
    Json body = Json::parse(request.body, nullptr, false);
    return body.is_object() ? std::optional(std::move(body)) : std::nullopt;
}

bool isJson(const Request& request) {
    const std::string_view type = request.headers.contentType;
    return type.substr(0, type.find(';')) == "application/json";
}

} // namespace

std::optional<std::string> match(std::string_view pattern, std::string_view path) {
    const std::size_t hole = pattern.find("{}");
    if (hole == std::string_view::npos)
        return pattern == path ? std::optional(std::string()) : std::nullopt;
    const std::string_view head = pattern.substr(0, hole);
    const std::string_view tail = pattern.substr(hole + 2);
    if (path.size() <= head.size() + tail.size() || !path.starts_with(head) || !path.ends_with(tail))
        return {};
    const std::string_view name = path.substr(head.size(), path.size() - head.size() - tail.size());
    return name.find('/') == std::string_view::npos ? std::optional(std::string(name)) : std::nullopt;
}

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Response json(unsigned status, const Json& body) {
    return Response::of(status, "application/json", dump(body));
}

const std::vector<Web::Route>& Web::routes() {
    static const std::vector<Route> all = {
        {"POST", "/run-script", Need::change, true, &Web::runScript},
        {"POST", "/stop-script", Need::change, true, &Web::stopScript},
        {"GET", "/script-status", Need::read, true, &Web::scriptStatusRoute},
        {"GET", "/info", Need::read, true, &Web::infoRoute},
        {"GET", "/kismet-data", Need::read, true, &Web::kismetDataRoute},
        {"GET", "/api/v1/status", Need::read, false, &Web::status},
        {"GET", "/api/v1/parts", Need::read, false, &Web::partsRoute},
        {"GET", "/api/v1/units", Need::read, false, &Web::unitsRoute},
        {"GET", "/api/v1/gps", Need::read, false, &Web::gpsRoute},
        {"GET", "/api/v1/radios", Need::read, false, &Web::radiosRoute},
        {"GET", "/api/v1/tak", Need::read, false, &Web::takRoute},
        {"GET", "/api/v1/aps", Need::read, false, &Web::accessPoints},
        {"GET", "/api/v1/captures", Need::read, false, &Web::capturesRoute},
        {"GET", "/api/v1/captures/{}", Need::read, false, &Web::captureDownload},
        {"DELETE", "/api/v1/captures/{}", Need::change, false, &Web::captureDelete},
        {"GET", "/api/v1/logs", Need::read, false, &Web::logsRoute},
        {"GET", "/api/v1/config", Need::read, false, &Web::configRoute},
        {"GET", "/api/v1/doctor", Need::read, false, &Web::doctorRoute},
        {"POST", "/api/v1/start", Need::change, false, &Web::startRoute},
        {"POST", "/api/v1/stop", Need::change, false, &Web::stopRoute},
        {"POST", "/api/v1/restart", Need::change, false, &Web::restartRoute},
        {"POST", "/api/v1/parts/{}/restart", Need::change, false, &Web::restartPartRoute},
        {"GET", "/api/v1/events", Need::read, false, &Web::eventsRoute},
        {"GET", "/api/v1/session", Need::nothing, false, &Web::sessionRoute},
        {"POST", "/api/v1/session", Need::nothing, false, &Web::logIn},
        {"DELETE", "/api/v1/session", Need::nothing, false, &Web::logOut},
        {"GET", "/api/v1/openapi.yaml", Need::nothing, false, &Web::contractRoute},
        {"GET", "/metrics", Need::read, false, &Web::metricsRoute},
        {"GET", "/healthz", Need::nothing, false, &Web::healthRoute},
    };
    return all;
}

// The old routes

Response Web::runScript(const Request& request, const std::string&) {
    const auto body = object(request);
    if (!body)
        return problem(400, "the body is no JSON object");
    for (const char* key : {"script_name", "script"})
        if (body->contains(key) && !(*body)[key].is_string())
            return problem(400, std::string(key) + " is no text");
    const core::State before = backend_.state();
    const bool up = before == core::State::running || before == core::State::degraded;
    if (!up)
        ask(core::Request::start);
    return json(200, {{"success", true},
                      {"status", "success"},
                      {"message", up ? "Already running" : "Starting; /script-status shows how far it is"}});
}

Response Web::stopScript(const Request&, const std::string&) {
    const bool down = backend_.state() == core::State::inactive;
    if (!down)
        ask(core::Request::stop);
    return json(200, {{"success", true},
                      {"status", "success"},
                      {"message", down ? "Not running" : "Stopping; /script-status shows how far it is"}});
}

Response Web::scriptStatusRoute(const Request&, const std::string&) {
    const double now = monotonicSeconds();
    if (scriptStatusCache_.at < 0 || now - scriptStatusCache_.at > cacheSeconds) {
        const Json& all = description();
        std::string reason = all.value("reason", "");
        if (reason.empty() && lastRequest_.is_object())
            reason = lastRequest_.value("error", "");
        scriptStatusCache_.text = std::make_shared<const std::string>(
            dump(scriptStatus(backend_.state(), reason, partsSeen(all), wallSeconds())));
        scriptStatusCache_.at = now;
    }
    return cached(scriptStatusCache_.text);
}

Response Web::infoRoute(const Request& request, const std::string&) {
    return json(200, info(backend_.gps(), monotonicSeconds(), partsSeen(description()),
                          request.peer ? request.peer->text() : ""));
}

Response Web::kismetDataRoute(const Request&, const std::string&) {
    const double now = monotonicSeconds();
    if (kismetCache_.at < 0 || now - kismetCache_.at > kismetDataSeconds) {
        kismetCache_.text = std::make_shared<const std::string>(
            dump(kismetData(list_, backend_.state(), description().value("reason", ""), wallSeconds())));
        kismetCache_.at = now;
    }
    return cached(kismetCache_.text);
}

// What is

std::shared_ptr<const std::string> Web::statusText() {
    const double now = monotonicSeconds();
    if (statusCache_.at >= 0 && now - statusCache_.at <= cacheSeconds)
        return statusCache_.text;
    Json all = description();
    all["node"] = node_;
    all["time"] = std::round(wallSeconds() * 1000) / 1000;
    all["access_points"] = {{"total", list_.size()}, {"added", list_.added()}, {"rows", list_.taken()}};
    const bool kismet = partsSeen(all).kismet;
    all["kismet"] = kismet;
    all["kismet_page"] = kismet ? kismetPage(config_.text("KISMET_LISTEN")) : Json(nullptr);
    all["tiles_url"] = config_.text("TILES_URL").empty() ? Json(nullptr) : Json(config_.text("TILES_URL"));
    all["last_request"] = lastRequest_;
    if (lastRequest_.is_object())
        all["last_request"]["age_s"] = std::round((now - lastRequestAt_) * 1000) / 1000;
    statusCache_ = {std::make_shared<const std::string>(dump(all)), now};
    return statusCache_.text;
}

Response Web::status(const Request&, const std::string&) {
    return cached(statusText());
}

Response Web::partsRoute(const Request&, const std::string&) {
    return json(200, {{"parts", view::arrayField(description(), "parts")}});
}

Response Web::unitsRoute(const Request&, const std::string&) {
    return json(200, {{"units", view::arrayField(description(), "units")}});
}

std::string Web::gpsText() const {
    const GpsState& gps = backend_.gps();
    const double now = monotonicSeconds();
    const auto fix = freshPosition(gps, now);
    Json satellites = Json::array();
    for (const GpsSatellite& one : gps.satellites)
        satellites.push_back({{"prn", one.prn},
                              {"gnss", one.gnss},
                              {"elevation", orNull(one.elevation)},
                              {"azimuth", orNull(one.azimuth)},
                              {"signal", orNull(one.signal)},
                              {"used", one.used}});
    Json receivers = Json::array();
    for (const std::string& device : gps.devices) {
        const auto known = gps.receivers.find(device);
        const GpsReceiver receiver = known == gps.receivers.end() ? GpsReceiver() : known->second;
        receivers.push_back({{"device", device}, {"driver", receiver.driver}, {"baud", receiver.baud}});
    }
    return dump({{"connected", gps.connected},
                 {"problem", positionProblem(gps, now)},
                 {"mode", fix ? fix->mode : 0},
                 {"latitude", fix ? Json(fix->latitude) : Json(nullptr)},
                 {"longitude", fix ? Json(fix->longitude) : Json(nullptr)},
                 {"altitude_m", fix ? orNull(fix->altitudeMsl) : Json(nullptr)},
                 {"error_m", fix ? orNull(fix->eph) : Json(nullptr)},
                 {"speed_mps", fix ? orNull(fix->speed) : Json(nullptr)},
                 {"track_deg", fix ? orNull(fix->track) : Json(nullptr)},
                 {"time", fix && fix->time ? Json(isoTime(*fix->time)) : Json(nullptr)},
                 {"satellites_used", gps.satellitesUsed},
                 {"satellites_seen", gps.satellitesSeen},
                 {"satellites", std::move(satellites)},
                 {"receivers", std::move(receivers)}});
}

Response Web::gpsRoute(const Request&, const std::string&) {
    return Response::of(200, "application/json", gpsText());
}

Response Web::radiosRoute(const Request&, const std::string&) {
    return json(200, {{"radios", partsNamed(description(), "radio")}});
}

Response Web::takRoute(const Request&, const std::string&) {
    Json parts = partsNamed(description(), "tak");
    for (Json& part : partsNamed(description(), "wigletotak"))
        parts.push_back(std::move(part));
    return json(200, {{"tak", std::move(parts)}});
}

Response Web::accessPoints(const Request& request, const std::string&) {
    std::string why;
    const auto query = parseAccessPointQuery(request.query, why);
    if (!query)
        return problem(400, why);
    const AccessPointPage page = select(list_, *query, wallSeconds());
    const bool geo = accepts(request.headers.accept, "application/geo+json");
    // Thousands of them as JSON in memory are some kB each: each becomes text as it comes.
    std::string items;
    for (const AccessPoint* point : page.items)
        items += (items.empty() ? "" : ",") + dump(geo ? toGeoJson(*point) : toJson(*point));
    if (geo)
        return Response::of(200, "application/geo+json",
                            R"({"type":"FeatureCollection","features":[)" + items + "]}");
    return Response::of(200, "application/json",
                        fmt::format(R"({{"total":{},"matched":{},"offset":{},"limit":{},"items":[{}]}})",
                                    list_.size(), page.matched, query->offset, query->limit, items));
}

// What is asked for

void Web::remember(const std::string& what, const std::string& error) {
    lastRequest_ = {{"what", what}, {"error", error}};
    lastRequestAt_ = monotonicSeconds();
    statusChanged();
}

void Web::ask(core::Request what) {
    const std::string name = toString(what);
    remember(name, "");
    backend_.request(what, [this, name](const std::string& error) {
        if (!error.empty())
            remember(name, error);
    });
}

Response Web::startRoute(const Request& request, const std::string&) {
    if (!object(request))
        return problem(400, "the body is no JSON object");
    ask(core::Request::start);
    return json(202, {{"accepted", "start"}});
}

Response Web::stopRoute(const Request& request, const std::string&) {
    if (!object(request))
        return problem(400, "the body is no JSON object");
    ask(core::Request::stop);
    return json(202, {{"accepted", "stop"}});
}

Response Web::restartRoute(const Request& request, const std::string&) {
    if (!object(request))
        return problem(400, "the body is no JSON object");
    ask(core::Request::restart);
    return json(202, {{"accepted", "restart"}});
}

Response Web::restartPartRoute(const Request& request, const std::string& name) {
    if (!object(request))
        return problem(400, "the body is no JSON object");
    const Json& units = view::arrayField(description(), "units");
    const auto known = std::find_if(units.begin(), units.end(), [&](const Json& unit) {
        const std::string full = unit.value("name", "");
        const auto part = unit.find("part");
        return full == name || full == "stinky-" + name + ".service" ||
               (part != unit.end() && part->is_string() && part->get<std::string>() == name);
    });
    if (known == units.end())
        return problem(404, "there is no such part");
    const std::string unit = known->value("name", "");
    remember("restart " + unit, "");
    backend_.restartPart(unit, [this, unit](const std::string& error) {
        if (!error.empty())
            remember("restart " + unit, error);
    });
    return json(202, {{"accepted", "restart " + unit}});
}

// Live

Response Web::eventsRoute(const Request& request, const std::string&) {
    Response response;
    response.type = "text/event-stream";
    if (listenedAt_ < 0) {
        list_.takeChanged(list_.size());
        events_.forget();
    }
    listenedAt_ = monotonicSeconds();
    response.stream = events_.subscribe(request.headers.lastEventId, [this] {
        return EventHub::event("status", *statusText()) + EventHub::event("gps", gpsText());
    });
    startBeating();
    return response;
}

// Who

Response Web::logIn(const Request& request, const std::string&) {
    if (!isJson(request))
        return problem(415, "the body must be application/json");
    const auto body = object(request);
    if (!body || !body->contains("token") || !(*body)["token"].is_string())
        return problem(400, "the body must be {\"token\":\"...\"}");
    std::string cookie;
    if (const auto refusal =
            access_.logIn(request, (*body)["token"].get<std::string>(), monotonicSeconds(), cookie))
        return refused(*refusal);
    Response response = json(200, {{"logged_in", true}});
    response.headers.emplace_back("Set-Cookie", cookie);
    return response;
}

Response Web::logOut(const Request& request, const std::string&) {
    Response response = Response::of(204, "", "");
    response.headers.emplace_back("Set-Cookie", access_.logOut(request));
    return response;
}

Response Web::sessionRoute(const Request& request, const std::string&) {
    bool known = false;
    if (const auto refusal = access_.know(request, monotonicSeconds(), known))
        return refused(*refusal);
    return json(200, {{"logged_in", known}, {"open_reads", access_.rules().openReads}});
}

// For machines

Response Web::metricsRoute(const Request&, const std::string&) {
    return Response::of(200, "text/plain; version=0.0.4; charset=utf-8",
                        metrics(description(), backend_.gps(), list_, counts(), monotonicSeconds()));
}

Response Web::healthRoute(const Request& request, const std::string&) {
    const core::State state = backend_.state();
    Json body = {{"healthy", state == core::State::running}, {"state", toString(state)}};
    // Reasons name interfaces and hosts: for those who may read.
    if (!access_.check(request, Need::read, false, monotonicSeconds()))
        body["reason"] = description().value("reason", "");
    return json(state == core::State::running ? 200 : 503, body);
}

Response Web::contractRoute(const Request&, const std::string&) {
    return Response::of(200, "application/yaml", contract_);
}

} // namespace stinky::web
