#include "web/web.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/part_status.h"
#include "web/request_parts.h"
#include "web/routes.h"
#include "web/self_certificate.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cerrno>

namespace stinky::web {
namespace {

constexpr std::size_t mostAccessPoints = 8000;
constexpr std::size_t eventBytes = 512 * 1024;
constexpr std::size_t logEventBytes = 128 * 1024;
constexpr std::chrono::milliseconds publishEvery{200};
// As JSON in memory a row takes some kB until its event is text. All of a turn are what a phone lays out
// without a stutter.
constexpr std::size_t rowsPerEvent = 250;
constexpr int mostRowEvents = 4;
constexpr double countersEvery = 1; ///< s, between two events that differ in counters and ages only
constexpr double rememberFor = 60;  ///< s that events are kept for a client that left

std::string hostName() {
    utsname name = {};
    return uname(&name) == 0 ? std::string(name.nodename) : std::string("localhost");
}

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

AccessRules rulesOf(const Config& config) {
    AccessRules rules;
    rules.openReads = config.text("OPEN_READS") == "yes";
    rules.tls = config.text("WEB_TLS") != "no";
    rules.origins = config.list("WEB_ORIGINS");
    for (const std::string& text : config.list("LEGACY_OPEN"))
        if (const auto network = Network::parse(text))
            rules.legacyOpen.push_back(*network);
    const std::string host = lowered(hostName());
    rules.hosts = {host, host + ".local"};
    for (const std::string& name : config.list("WEB_HOSTS"))
        rules.hosts.push_back(lowered(name));
    return rules;
}

std::optional<Certificate> certificateOf(const Config& config, const WebPlaces& places,
                                         const std::vector<std::string>& names) {
    const std::string& tls = config.text("WEB_TLS");
    if (tls == "no")
        return {};
    if (tls == "self")
        return keptSelfSigned(places.state, names);
    return Certificate{readFile(places.credentials + "/tls.crt"), readFile(places.credentials + "/tls.key")};
}

/// What this machine is called by those who come over these sockets.
std::vector<std::string> namesOf(const std::vector<std::string>& hosts, const std::vector<Fd>& listening) {
    std::vector<std::string> names = hosts;
    names.insert(names.end(), {"localhost", "127.0.0.1", "::1"});
    for (const Fd& fd : listening) {
        sockaddr_storage storage = {};
        socklen_t size = sizeof storage;
        auto* generic = reinterpret_cast<sockaddr*>(&storage); // NOLINT: how sockets are
        const auto address =
            getsockname(fd.get(), generic, &size) == 0 ? Address::of(generic) : std::nullopt;
        // "0.0.0.0" and "::" are no names.
        if (address && *address != Address() && *address != Address::parse("0.0.0.0"))
            names.push_back(address->text());
    }
    std::sort(names.begin() + static_cast<std::ptrdiff_t>(hosts.size()), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

std::string folderOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

} // namespace

Web::Web(EventLoop& loop, Backend& backend, WebPlaces places, const Config& config,
         std::vector<Fd> listening, Log log)
    : loop_(loop),
      backend_(backend),
      places_(std::move(places)),
      config_(config),
      log_(std::move(log)),
      access_(rulesOf(config)),
      page_(places_.page, places_.leaflet, config.text("TILES_URL")),
      contract_(readFile(places_.contract)),
      node_(config.text("NODE").empty() ? hostName() : config.text("NODE")),
      list_(mostAccessPoints),
      captures_(loop, places_.captures,
                [this](const WigleRow& row, double heard) {
                    list_.take(row, heard);
                    pace();
                }),
      events_(newSecret().substr(0, 8), eventBytes),
      logEvents_(newSecret().substr(0, 8), logEventBytes),
      logReader_(loop, places_.journal),
      pace_(loop.addTimer(std::chrono::milliseconds(1), "web events",
                          [this] {
                              paceArmed_ = false;
                              publish();
                          })),
      beat_(loop.addTimer(std::chrono::seconds(1), "web heart-beat", [this] { onBeat(); })),
      complaints_([this](const std::string& what) { note("web-problem", what); }) {
    readToken();
    const std::string name = places_.token.substr(places_.token.rfind('/') + 1);
    tokenWatch_ = loop.addInotify(folderOf(places_.token), IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE,
                                  [this, name](const inotify_event& event) {
                                      if (event.len > 0 && name == event.name)
                                          readToken();
                                  });
    captures_.lookAgain();
    listen(std::move(listening));
    if (!access_.rules().legacyOpen.empty())
        note("web-legacy-open",
             "LEGACY_OPEN=" + config.text("LEGACY_OPEN") +
                 ": from there anybody may start and stop the survey and see where it is");
}

Web::~Web() = default;

void Web::listen(std::vector<Fd> listening) {
    const auto certificate = certificateOf(config_, places_, namesOf(access_.rules().hosts, listening));
    for (Fd& fd : listening)
        servers_.push_back(std::make_unique<HttpServer>(
            loop_, std::move(fd), ServerLimits(), certificate ? &*certificate : nullptr,
            [this](const Request& request) { return handle(request); },
            [this](const Request& request, Response& response) { dress(request, response); },
            [this](const std::string& what) { complaints_.add(what, monotonicSeconds()); }));
}

void Web::readToken() {
    std::string token;
    try {
        token = readFile(places_.token, 256);
        while (!token.empty() && (token.back() == '\n' || token.back() == ' '))
            token.pop_back();
        // A short one can be guessed: better none.
        if (token.size() < 32) {
            token.clear();
            note("web-token", places_.token + " has no token of at least 32 characters");
        }
    } catch (const Error& e) {
        note("web-token", std::string(e.what()) + ": nobody can log in; 'stinkyctl token --new' makes one");
    }
    access_.setToken(std::move(token));
    events_.endAll();
    logEvents_.endAll();
}

void Web::statusChanged() {
    captures_.lookAgain();
    describedAt_ = -1;
    statusCache_.at = -1;
    scriptStatusCache_.at = -1;
    statusDue_ = true;
    pace();
}

void Web::gpsChanged() {
    gpsDue_ = true;
    pace();
}

void Web::pace() {
    const double now = monotonicSeconds();
    if (events_.clients() > 0)
        listenedAt_ = now;
    if (listenedAt_ < 0)
        return;
    if (now - listenedAt_ > rememberFor) {
        // Nobody is there: costs nothing until somebody comes.
        listenedAt_ = -1;
        events_.forget();
        list_.takeChanged(mostAccessPoints);
        return;
    }
    if (paceArmed_)
        return;
    // At once after a pause; what follows it is told together.
    const std::chrono::duration<double> since(now - pacedAt_);
    const auto left = std::chrono::duration_cast<std::chrono::microseconds>(publishEvery - since);
    pace_.arm(std::clamp<std::chrono::microseconds>(left, std::chrono::microseconds(0), publishEvery));
    paceArmed_ = true;
}

void Web::publish() {
    const double now = monotonicSeconds();
    pacedAt_ = now;
    if (statusDue_) {
        const nlohmann::ordered_json& all = description();
        const std::string key = all.value("state", "") + "\n" + all.value("reason", "");
        if (key != publishedKey_ || now - lastPublished_ >= countersEvery) {
            statusDue_ = false;
            publishedKey_ = key;
            lastPublished_ = now;
            events_.publish("status", *statusText());
        }
    }
    if (gpsDue_) {
        gpsDue_ = false;
        events_.publish("gps", gpsText());
    }
    for (int i = 0; i < mostRowEvents && list_.hasChanged(); ++i)
        publishRows();
    if (statusDue_ || list_.hasChanged())
        pace();
}

void Web::publishRows() {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const AccessPoint* point : list_.takeChanged(rowsPerEvent))
        rows.push_back(toJson(*point));
    const nlohmann::ordered_json event = {{"total", list_.size()},
                                          {"added", list_.added()},
                                          {"rows", list_.taken()},
                                          {"changed", std::move(rows)}};
    events_.publish("aps", event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void Web::beatEvery(std::chrono::milliseconds time) {
    beatEvery_ = time;
    beating_ = true;
    beat_.arm(time);
}

void Web::onBeat() {
    events_.beat();
    logEvents_.beat();
    if (follower_ && logEvents_.clients() == 0)
        endFollower();
    if (events_.clients() + logEvents_.clients() > 0)
        beat_.arm(beatEvery_);
    else
        beating_ = false;
}

void Web::startBeating() {
    // Not anew for each client: those who come one after the other would keep the others waiting for ever.
    if (beating_)
        return;
    beating_ = true;
    beat_.arm(beatEvery_);
}

const nlohmann::ordered_json& Web::description() {
    const double now = monotonicSeconds();
    if (describedAt_ < 0 || now - describedAt_ > cacheSeconds) {
        description_ = backend_.describe();
        describedAt_ = now;
    }
    return description_;
}

WebCounts Web::counts() const {
    WebCounts counts = counts_;
    for (const auto& server : servers_)
        counts.connections += server->connections();
    counts.liveClients = events_.clients() + logEvents_.clients();
    return counts;
}

Response Web::handle(const Request& request) {
    ++counts_.requests;
    if (const auto refusal = access_.checkOrigin(request))
        return refused(*refusal);
    const bool preflight = request.method == "OPTIONS" && !request.headers.origin.empty();
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    std::string allowed;
    for (const Route& route : routes()) {
        const auto name = match(route.path, request.path);
        if (!name)
            continue;
        if (method == route.method)
            return call(route, request, *name);
        allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
        if (std::string_view(route.method) == "GET")
            allowed += ", HEAD";
    }
    if (method == "GET")
        if (auto file = page_.get(request))
            return std::move(*file);
    if (allowed.empty() && page_.get(request))
        allowed = "GET, HEAD";
    if (allowed.empty())
        return problem(404, "there is nothing here");
    if (preflight) {
        Response response = Response::of(204, "", "");
        response.headers = {{"Access-Control-Allow-Methods", allowed},
                            {"Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID"},
                            {"Access-Control-Max-Age", "600"}};
        return response;
    }
    Response response = problem(405, "this method cannot be used here");
    response.headers.emplace_back("Allow", allowed);
    return response;
}

Response Web::call(const Route& route, const Request& request, const std::string& name) {
    if (const auto refusal = access_.check(request, route.need, route.legacy, monotonicSeconds()))
        return refused(*refusal);
    return (this->*route.handler)(request, name);
}

Response Web::refused(const Refusal& refusal) {
    ++counts_.refused;
    Response response = problem(refusal.status, refusal.why);
    if (refusal.retryAfter)
        response.headers.emplace_back("Retry-After", std::to_string(*refusal.retryAfter));
    if (refusal.status == 401)
        response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"stinky\"");
    return response;
}

void Web::dress(const Request& request, Response& response) const {
    const auto has = [&](std::string_view name) {
        return std::any_of(response.headers.begin(), response.headers.end(),
                           [&](const auto& header) { return name == header.first; });
    };
    if (!has("Content-Security-Policy"))
        response.headers.emplace_back("Content-Security-Policy",
                                      "default-src 'none'; frame-ancestors 'none'");
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    if (!has("Cache-Control"))
        response.headers.emplace_back("Cache-Control", "no-store");
    if (access_.isForeignFriend(request.headers.origin)) {
        response.headers.emplace_back("Access-Control-Allow-Origin", request.headers.origin);
        response.headers.emplace_back("Vary", "Origin");
    } else {
        response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    }
}

} // namespace stinky::web
