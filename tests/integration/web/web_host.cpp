/// The web part on a port, with a stand-in for the rest of the controller. It does what lines of JSON on its
/// standard input say, and tells on its standard output what clients asked for:
///   web-host CONFIG TOKEN CAPTURES PAGE CONTRACT LEAFLET JOURNAL STATE CREDENTIALS
///   < {"real":"well"}   {"real":"broken"}: as the real controller describes it
///   < {"describe":{...}}   {"gps":{...}}   {"refuse":"why"}   {"doctor":{...}}
///   {"beat_ms":200} > {"ready":PORT}   {"asked":"start"}   {"done":true}
#include "common/config.h"
#include "common/error.h"
#include "common/event_loop.h"
#include "common/part_status.h"
#include "web/web.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <iostream>

#include "view/describe.h"

namespace {

using namespace stinky;
using Json = nlohmann::ordered_json;

core::UnitView unitOf(const char* name, double now) {
    core::UnitView unit;
    unit.name = name;
    unit.loadState = "loaded";
    unit.activeState = "active";
    unit.subState = "running";
    unit.result = "success";
    unit.activeEnterUsec = unit.stateChangeUsec = static_cast<std::uint64_t>((now - 5) * 1e6);
    return unit;
}

/// What the real controller says of a sensor, well or not.
Json realDescription(bool well) {
    const double now = monotonicSeconds();
    core::Snapshot snapshot;
    snapshot.state = well ? core::State::running : core::State::degraded;
    snapshot.since = now - 5;
    snapshot.discovered = true;
    snapshot.world.target = unitOf("stinky.target", now);
    snapshot.world.units = {unitOf("stinky-gps.service", now), unitOf("stinky-scan.service", now),
                            unitOf("stinky-tak.service", now)};
    for (const char* part : {"gps", "scan", "tak"})
        snapshot.world.parts.push_back(
            {part, core::PartHealth::ok, "", now - 1, 0.5, std::nullopt, "{}", false});
    if (!well) {
        core::UnitView& scan = snapshot.world.units[1];
        scan.activeState = scan.subState = "failed";
        scan.result = "exit-code";
        scan.exitStatus = 1;
        snapshot.reason = "scan has failed";
        snapshot.reasons = {snapshot.reason};
        snapshot.nextStep = "look at its journal";
        snapshot.awaited = {{"stinky-scan.service", now - 2}};
        snapshot.repairs["stinky-scan.service"].tried = 1;
    }
    return view::describe(snapshot, nullptr, now);
}

class ToldBackend final : public web::Backend {
public:
    Json describe() override { return description_; }

    core::State state() const override {
        const std::string name = description_.value("state", "inactive");
        for (const core::State state : {core::State::starting, core::State::running, core::State::degraded,
                                        core::State::stopping, core::State::failed})
            if (name == toString(state))
                return state;
        return core::State::inactive;
    }

    void request(core::Request request, Done done) override {
        std::cout << Json{{"asked", toString(request)}}.dump() << std::endl;
        done(refusal_);
    }

    void restartPart(const std::string& name, Done done) override {
        std::cout << Json{{"asked", "restart " + name}}.dump() << std::endl;
        done(refusal_);
    }

    const GpsState& gps() const override { return gps_; }

    void doctor(Report report) override {
        waiting_.push_back(std::move(report));
        std::cout << R"({"asked":"doctor"})" << std::endl;
    }

    void tell(const Json& line, web::Web& web) {
        if (line.contains("real")) {
            description_ = realDescription(line["real"] == "well");
            web.statusChanged();
        }
        if (line.contains("describe")) {
            description_ = line["describe"];
            web.statusChanged();
        }
        if (line.contains("beat_ms"))
            web.beatEvery(std::chrono::milliseconds(line["beat_ms"].get<int>()));
        if (line.contains("refuse"))
            refusal_ = line["refuse"];
        if (line.contains("gps")) {
            readGps(line["gps"]);
            web.gpsChanged();
        }
        if (line.contains("doctor"))
            for (const Report& report : std::exchange(waiting_, {}))
                report(line["doctor"].dump(), "");
    }

private:
    void readGps(const Json& told) {
        gps_ = {};
        gps_.connected = gps_.answered = true;
        for (const Json& device : told.value("devices", Json::array()))
            gps_.devices.insert(device.get<std::string>());
        gps_.fix.mode = told.value("mode", 0);
        gps_.fix.latitude = told.value("latitude", 0.0);
        gps_.fix.longitude = told.value("longitude", 0.0);
        gps_.fix.eph = 4.5;
        gps_.fix.altitudeMsl = 545.4;
        gps_.fix.speed = 1.5;
        gps_.fix.time = 1800000000;
        // For the length of a test it does not grow old.
        gps_.fix.monotonic = monotonicSeconds() + told.value("fresh_s", 3600.0);
        for (const Json& one : told.value("satellites", Json::array())) {
            gps_.satellites.push_back({one.value("prn", 0), one.value("gnss", 0),
                                       one.value("elevation", 0.0), one.value("azimuth", 0.0),
                                       one.value("signal", 0.0), one.value("used", false)});
            ++gps_.satellitesSeen;
            gps_.satellitesUsed += one.value("used", false) ? 1 : 0;
        }
    }

    Json description_ = {{"version", "test"},        {"state", "inactive"}, {"reason", ""},
                         {"reasons", Json::array()}, {"state_age_s", 1.0},  {"units", Json::array()},
                         {"parts", Json::array()}};
    std::string refusal_;
    GpsState gps_;
    std::vector<Report> waiting_;
};

Fd listenOnLoopback(int& port) {
    Fd fd(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address); // NOLINT: how sockets are
    if (!fd || bind(fd.get(), generic, size) < 0 || listen(fd.get(), 1024) < 0 ||
        getsockname(fd.get(), generic, &size) < 0)
        throw Error::fromErrno("listen on", "127.0.0.1", errno);
    port = ntohs(address.sin_port);
    return fd;
}

int run(const std::array<std::string, 9>& arguments) {
    EventLoop loop;
    loop.exitOnSignals();
    ToldBackend backend;
    web::WebPlaces places;
    const Config config = Config::load(arguments[0]);
    places.token = arguments[1];
    places.captures = arguments[2];
    places.page = arguments[3];
    places.contract = arguments[4];
    places.leaflet = arguments[5];
    places.journal = arguments[6];
    places.state = arguments[7];
    places.credentials = arguments[8];
    int port = 0;
    std::vector<Fd> sockets;
    sockets.push_back(listenOnLoopback(port));
    web::Web web(loop, backend, places, config, std::move(sockets), [](const web::WebNote& note) {
        std::cerr << note.event << ": " << note.text << std::endl;
    });
    std::string pending;
    const EventSource input = loop.addIo(STDIN_FILENO, EPOLLIN, "standard input", [&](std::uint32_t) {
        std::array<char, 65536> buffer; // NOLINT: read() fills it
        const ssize_t length = read(STDIN_FILENO, buffer.data(), buffer.size());
        if (length <= 0) {
            loop.exit(EXIT_SUCCESS);
            return;
        }
        pending.append(buffer.data(), static_cast<std::size_t>(length));
        for (std::size_t end = 0; (end = pending.find('\n')) != std::string::npos;
             pending.erase(0, end + 1)) {
            backend.tell(Json::parse(pending.substr(0, end)), web);
            std::cout << R"({"done":true})" << std::endl;
        }
    });
    std::cout << Json{{"ready", port}}.dump() << std::endl;
    return loop.run();
}

} // namespace

int main(int argc, char** argv) {
    try {
        if (argc != 10)
            throw Error("start", "web-host", "it takes nine arguments");
        std::array<std::string, 9> arguments;
        std::copy(argv + 1, argv + argc, arguments.begin());
        return run(arguments);
    } catch (const std::exception& e) {
        std::cerr << e.what() << "\n";
    }
    return EXIT_FAILURE;
}
