#include "web/routes.h"

#include "common/part_status.h"
#include "web/legacy.h"
#include "web/request_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace stinky::web {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kismetDataSeconds = 1;
constexpr double captureGraceSeconds = 60;

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

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
    for (const Json& part : description.value("parts", Json::array()))
        if (part.value("part", "").starts_with(prefix))
            found.push_back(part);
    return found;
}

bool isWord(std::string_view text, std::size_t most) {
    return !text.empty() && text.size() <= most &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._-\\:") ==
               std::string_view::npos;
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

/// Names that people give to what nobody else should read.
bool isSecret(std::string_view key) {
    const auto names = {"PASSWORD", "TOKEN", "SECRET", "PASSPHRASE"};
    return std::any_of(names.begin(), names.end(),
                       [&](std::string_view name) { return key.find(name) != std::string_view::npos; });
}

/// "tls://user:secret@host" -> "tls://***@host".
std::string withoutLogins(const std::string& value) {
    std::string text;
    std::string_view rest = value;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        const std::string_view word = rest.substr(0, end);
        const std::size_t scheme = word.find("://");
        const std::size_t at = word.rfind('@');
        if (scheme != std::string_view::npos && at != std::string_view::npos && at > scheme)
            text += std::string(word.substr(0, scheme + 3)) + "***" + std::string(word.substr(at));
        else
            text += word;
        rest.remove_prefix(end);
        if (!rest.empty()) {
            text += ' ';
            rest.remove_prefix(1);
        }
    }
    return text;
}

/// A text that is there later: of work that goes on elsewhere.
class Later final : public Stream {
public:
    struct State {
        std::optional<std::string> text;
        Later* reader = nullptr;
    };

    explicit Later(std::shared_ptr<State> state) : state_(std::move(state)) { state_->reader = this; }

    ~Later() override { state_->reader = nullptr; }

    std::optional<std::size_t> read(char* buffer, std::size_t size) override {
        if (!state_->text)
            return 0;
        const std::size_t length = std::min(size, state_->text->size() - offset_);
        if (length == 0)
            return {};
        std::copy_n(state_->text->data() + offset_, length, buffer);
        offset_ += length;
        return length;
    }

private:
    std::shared_ptr<State> state_;
    std::size_t offset_ = 0;
};

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

Response json(unsigned status, const Json& body) {
    return Response::of(status, "application/json", dump(body));
}

Response problem(unsigned status, const std::string& why) {
    return json(status, {{"success", false}, {"status", "error"}, {"message", why}, {"error", why}});
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
    all["kismet"] = partsSeen(all).kismet;
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
    return json(200, {{"parts", description().value("parts", Json::array())}});
}

Response Web::unitsRoute(const Request&, const std::string&) {
    return json(200, {{"units", description().value("units", Json::array())}});
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
    Json items = Json::array();
    for (const AccessPoint* point : page.items)
        items.push_back(geo ? toGeoJson(*point) : toJson(*point));
    if (geo)
        return Response::of(200, "application/geo+json",
                            dump({{"type", "FeatureCollection"}, {"features", std::move(items)}}));
    return json(200, {{"total", list_.size()},
                      {"matched", page.matched},
                      {"offset", query->offset},
                      {"limit", query->limit},
                      {"items", std::move(items)}});
}

Response Web::configRoute(const Request&, const std::string&) {
    Json settings = Json::array();
    for (const ConfigKey& key : configKeys()) {
        const bool secret = isSecret(key.name);
        const std::string& value = config_.text(key.name);
        settings.push_back({{"name", key.name},
                            {"value", secret ? Json(nullptr) : Json(withoutLogins(value))},
                            {"default", secret ? Json(nullptr) : Json(key.fallback)},
                            {"secret", secret},
                            {"expected", key.expected}});
    }
    return json(200, {{"settings", std::move(settings)}});
}

Response Web::doctorRoute(const Request&, const std::string&) {
    auto state = std::make_shared<Later::State>();
    Response response;
    response.stream = std::make_unique<Later>(state);
    backend_.doctor([state](const std::string& text, const std::string& error) {
        state->text = error.empty() ? text : dump({{"checks", Json::array()}, {"error", error}});
        if (state->reader != nullptr && state->reader->wake)
            state->reader->wake();
    });
    return response;
}

// Captures

bool Web::isOpenCapture(const Capture& capture) {
    if (wallSeconds() - capture.modified < captureGraceSeconds)
        return true;
    for (const Json& part : description().value("parts", Json::array())) {
        const auto counters = part.find("counters");
        if (counters == part.end() || !counters->is_object() || part.value("stale", false))
            continue;
        const auto path = counters->find("capture");
        if (path != counters->end() && path->is_string() &&
            path->get<std::string>().ends_with("/" + capture.name))
            return true;
    }
    return false;
}

Response Web::capturesRoute(const Request&, const std::string&) {
    Json all = Json::array();
    for (const Capture& capture : captures_.list())
        all.push_back({{"name", capture.name},
                       {"size", capture.size},
                       {"modified", std::round(capture.modified)},
                       {"open", isOpenCapture(capture)}});
    return json(200, {{"captures", std::move(all)}});
}

Response Web::captureDownload(const Request& request, const std::string& name) {
    auto opened = captures_.open(name);
    if (!opened)
        return problem(404, "there is no such capture");
    Response response;
    ByteRange range{0, opened->second == 0 ? 0 : opened->second - 1};
    const RangeKind kind = parseRange(request.headers.range, opened->second, range);
    if (kind == RangeKind::unsatisfiable) {
        response = problem(416, "the capture is shorter");
        response.headers.emplace_back("Content-Range", fmt::format("bytes */{}", opened->second));
        return response;
    }
    response.type = name.ends_with(".wiglecsv") ? "text/csv" : "application/octet-stream";
    response.headers = {{"Content-Disposition", "attachment; filename=\"" + name + "\""},
                        {"Accept-Ranges", "bytes"}};
    if (kind == RangeKind::part) {
        response.status = 206;
        response.headers.emplace_back(
            "Content-Range", fmt::format("bytes {}-{}/{}", range.first, range.last, opened->second));
    }
    response.file = FileBody{std::move(opened->first), range.first,
                             opened->second == 0 ? 0 : range.last - range.first + 1};
    return response;
}

Response Web::captureDelete(const Request&, const std::string& name) {
    const auto& all = captures_.list();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Capture& capture) { return capture.name == name; });
    if (found == all.end())
        return problem(404, "there is no such capture");
    if (isOpenCapture(*found))
        return problem(409, "it is being written; stop the survey first");
    if (!captures_.remove(name))
        return problem(404, "there is no such capture");
    return Response::of(204, "", "");
}

// Logs

std::optional<LogQuery> Web::logQuery(const Request& request, bool& follow, std::string& why) const {
    LogQuery query;
    const auto number = [](std::string_view text, auto low, auto high, auto& target) {
        auto value = low;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high))
            return false;
        target = value;
        return true;
    };
    for (const auto& [name, value] : request.query) {
        bool good = false;
        double since = 0;
        if (name == "part") {
            query.part = value;
            good = isWord(value, 64);
        } else if (name == "priority") {
            good = number(value, 0, 7, query.priority);
        } else if (name == "since") {
            good = number(value, 0.0, 1e11, since);
            query.since = static_cast<std::uint64_t>(since * 1e6);
        } else if (name == "limit") {
            good = number(value, std::size_t{1}, std::size_t{1000}, query.limit);
        } else if (name == "follow") {
            good = value == "yes" || value == "no";
            follow = value == "yes";
        } else {
            why = name + ": no such parameter";
            return {};
        }
        if (!good) {
            why = name + ": this value cannot be";
            return {};
        }
    }
    return query;
}

Response Web::logsRoute(const Request& request, const std::string&) {
    bool follow = false;
    std::string why;
    const auto query = logQuery(request, follow, why);
    if (!query)
        return problem(400, why);
    if (follow)
        return followLog(request, *query);
    Json records = Json::array();
    for (const LogRecord& record : readLog(*query, places_.journal))
        records.push_back(toJson(record));
    return json(200, {{"records", std::move(records)}});
}

Response Web::followLog(const Request& request, const LogQuery& query) {
    if (!follower_)
        follower_ = std::make_unique<LogFollower>(loop_, places_.journal, [this](const LogRecord& record) {
            logEvents_.publish("log", dump(toJson(record)), record.part, record.priority);
        });
    std::string greeting;
    if (request.headers.lastEventId.empty())
        for (const LogRecord& record : readLog(query, places_.journal))
            greeting += EventHub::event("log", dump(toJson(record)));
    Response response;
    response.type = "text/event-stream";
    response.stream = logEvents_.subscribe(
        request.headers.lastEventId, std::move(greeting),
        [part = query.part, most = query.priority](std::string_view, std::string_view of, int priority) {
            return priority <= most && (part.empty() || of == part);
        });
    beat_.arm(std::chrono::seconds(15));
    return response;
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
    const Json units = description().value("units", Json::array());
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
    response.stream =
        events_.subscribe(request.headers.lastEventId,
                          EventHub::event("status", *statusText()) + EventHub::event("gps", gpsText()));
    beat_.arm(std::chrono::seconds(15));
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
    return json(200, {{"logged_in", access_.known(request, monotonicSeconds())},
                      {"open_reads", access_.rules().openReads}});
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
