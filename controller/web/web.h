#pragma once

#include "common/config.h"
#include "common/event_loop.h"
#include "core/machine.h"
#include "web/access.h"
#include "web/access_points.h"
#include "web/backend.h"
#include "web/capture_folder.h"
#include "web/complaints.h"
#include "web/event_hub.h"
#include "web/http_server.h"
#include "web/journal.h"
#include "web/metrics.h"
#include "web/page_files.h"

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace stinky::web {

/// Where the web finds what it shows.
struct WebPlaces {
    std::string config = defaultConfigPath;
    std::string token = "/etc/stinky/token";
    std::string captures = "/var/lib/stinky/captures";
    std::string page = "/usr/share/stinky/page";
    std::string contract = "/usr/share/stinky/openapi.yaml";
    std::string leaflet = "/usr/share/javascript/leaflet";
    std::string journal;     ///< folder of its files, empty for the system's
    std::string credentials; ///< $CREDENTIALS_DIRECTORY: tls.crt and tls.key of the settings
    std::string state;       ///< $STATE_DIRECTORY: for a certificate of our own
};

/// Something for the program's log.
struct WebNote {
    bool warning = true;
    std::string event; ///< a short word for machines
    std::string text;
};

/// The page, the old routes and /api/v1 on the controller's loop, on the sockets that systemd opened.
class Web {
public:
    using Log = std::function<void(const WebNote&)>;

    /// Listens at once. The settings are those of the controller's start. Throws Error.
    Web(EventLoop& loop, Backend& backend, WebPlaces places, const Config& config, std::vector<Fd> listening,
        Log log);
    ~Web();
    Web(const Web&) = delete;
    Web& operator=(const Web&) = delete;

    /// The state, a unit or a part's report has changed.
    void statusChanged();
    void gpsChanged();

    /// How often those who listen hear that we are there.
    void beatEvery(std::chrono::milliseconds time);

private:
    struct Route;

    struct Cached {
        std::shared_ptr<const std::string> text;
        double at = -1; ///< below zero: it is not true any more
    };

    using Handler = Response (Web::*)(const Request&, const std::string& name);

    static const std::vector<Route>& routes();
    void listen(std::vector<Fd> listening);

    void note(const char* event, std::string text) const { log_({true, event, std::move(text)}); }

    Response handle(const Request& request);
    Response call(const Route& route, const Request& request, const std::string& name);
    Response refused(const Refusal& refusal);
    void dress(const Request& request, Response& response) const;

    Response runScript(const Request& request, const std::string& name);
    Response stopScript(const Request& request, const std::string& name);
    Response scriptStatusRoute(const Request& request, const std::string& name);
    Response infoRoute(const Request& request, const std::string& name);
    Response kismetDataRoute(const Request& request, const std::string& name);
    Response status(const Request& request, const std::string& name);
    Response partsRoute(const Request& request, const std::string& name);
    Response unitsRoute(const Request& request, const std::string& name);
    Response gpsRoute(const Request& request, const std::string& name);
    Response radiosRoute(const Request& request, const std::string& name);
    Response takRoute(const Request& request, const std::string& name);
    Response accessPoints(const Request& request, const std::string& name);
    Response capturesRoute(const Request& request, const std::string& name);
    Response captureDownload(const Request& request, const std::string& name);
    Response captureDelete(const Request& request, const std::string& name);
    Response logsRoute(const Request& request, const std::string& name);
    Response configRoute(const Request& request, const std::string& name);
    Response doctorRoute(const Request& request, const std::string& name);
    Response startRoute(const Request& request, const std::string& name);
    Response stopRoute(const Request& request, const std::string& name);
    Response restartRoute(const Request& request, const std::string& name);
    Response restartPartRoute(const Request& request, const std::string& name);
    Response eventsRoute(const Request& request, const std::string& name);
    Response logIn(const Request& request, const std::string& name);
    Response logOut(const Request& request, const std::string& name);
    Response sessionRoute(const Request& request, const std::string& name);
    Response metricsRoute(const Request& request, const std::string& name);
    Response healthRoute(const Request& request, const std::string& name);
    Response contractRoute(const Request& request, const std::string& name);

    /// Asks the controller; the outcome shows in the status as the last request.
    void ask(core::Request what);
    void remember(const std::string& what, const std::string& error);
    const nlohmann::ordered_json& description();
    std::shared_ptr<const std::string> statusText();
    std::string gpsText() const;
    /// The names of the captures that a part says it writes.
    std::set<std::string> openCaptures();
    std::vector<view::LogRecord> readLog(const LogQuery& query);
    Response followLog(const Request& request, const LogQuery& query);
    void endFollower();
    void readToken();
    void publish();
    void publishRows();
    void pace();
    void onBeat();
    void startBeating();
    WebCounts counts() const;

    EventLoop& loop_;
    Backend& backend_;
    WebPlaces places_;
    Config config_;
    Log log_;
    Access access_;
    PageFiles page_;
    std::string contract_;
    std::string node_;
    AccessPointList list_;
    CaptureFolder captures_;
    EventHub events_;
    EventHub logEvents_;
    LogReader logReader_;
    std::unique_ptr<LogFollower> follower_;
    EventSource tokenWatch_;

    nlohmann::ordered_json description_;
    double describedAt_ = -1; ///< below zero: it is not true any more
    Cached statusCache_, scriptStatusCache_, kismetCache_;
    nlohmann::ordered_json lastRequest_ = nullptr;
    double lastRequestAt_ = 0;
    std::string publishedKey_; ///< state and reasons as they were last published
    bool statusDue_ = false;
    bool gpsDue_ = false;
    bool paceArmed_ = false;
    double pacedAt_ = -1; ///< when publish() was called last
    double lastPublished_ = -1;
    double listenedAt_ = -1; ///< somebody followed the events
    WebCounts counts_;
    Timer pace_;
    Timer beat_;
    std::chrono::milliseconds beatEvery_{15000};
    bool beating_ = false;
    Complaints complaints_;
    std::vector<std::unique_ptr<HttpServer>> servers_; ///< last: their streams look at what is above
};

} // namespace stinky::web
