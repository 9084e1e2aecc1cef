#include "common/config.h"
#include "common/error.h"
#include "common/log.h"
#include "common/part_status.h"
#include "core/machine.h"
#include "systemd/announcer.h"
#include "systemd/part_directory.h"
#include "web/web.h"

#include <CLI/CLI.hpp>
#include <systemd/sd-daemon.h>

#include <malloc.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "session.h"
#include "view/controller.h"
#include "web_backend.h"

namespace {

using namespace stinky;

struct Options {
    std::string status = STINKY_STATUS_DIRECTORY;
    std::string config = defaultConfigPath;
    std::string captures = view::captureDirectory;
    std::string share = "/usr/share/stinky";
    std::string token = web::WebPlaces().token;
};

Config loadConfig(const std::string& path) {
    try {
        return Config::load(path);
    } catch (const Error& e) {
        log::failure("config", e);
        return {};
    }
}

std::chrono::microseconds until(double monotonic) {
    return std::chrono::microseconds(static_cast<std::int64_t>((monotonic - monotonicSeconds()) * 1e6));
}

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? std::string() : std::string(value);
}

/// On the sockets that systemd opened; null when it opened none, or when the web cannot work: the controller
/// does.
std::unique_ptr<web::Web> startWeb(EventLoop& loop, web::Backend& backend, const Options& options) {
    std::vector<Fd> sockets;
    for (int i = 0, count = sd_listen_fds(1); i < count; ++i)
        sockets.emplace_back(SD_LISTEN_FDS_START + i);
    if (sockets.empty())
        return nullptr;
    web::WebPlaces places;
    places.config = options.config;
    places.captures = options.captures;
    places.token = options.token;
    places.page = options.share + "/page";
    places.contract = options.share + "/openapi.yaml";
    places.credentials = environment("CREDENTIALS_DIRECTORY");
    places.state = environment("STATE_DIRECTORY");
    try {
        return std::make_unique<web::Web>(
            loop, backend, std::move(places), loadConfig(options.config), std::move(sockets),
            [](const web::WebNote& note) {
                log::write(note.warning ? log::Level::warning : log::Level::info, note.event, note.text);
            });
    } catch (const Error& e) {
        log::failure("web-failed", e);
        return nullptr;
    }
}

// mallopt(3): answers and events are large and short-lived. Left to itself glibc raises both limits with the
// first of them, and keeps for good what was needed once: 2 MB after 5,000 access points.
void giveBackMemory() {
    constexpr int bytes = 32768;
    mallopt(M_MMAP_THRESHOLD, bytes);
    mallopt(M_TRIM_THRESHOLD, bytes);
}

int run(const Options& options) {
    EventLoop loop;
    loop.exitOnSignals();
    loop.enableWatchdog();
    Session session(loop);
    core::Machine* machinePointer = nullptr;
    Timer repair = loop.addTimer(std::chrono::milliseconds(100), "repair of a part",
                                 [&] { machinePointer->reconsider(); });
    core::Surroundings surroundings;
    surroundings.onFailure = [&] {
        return loadConfig(options.config).text("ON_FAILURE") == "stop" ? core::OnFailure::stop
                                                                       : core::OnFailure::degrade;
    };
    surroundings.alarm = [&](std::optional<double> at) {
        if (at)
            repair.arm(until(*at));
        else
            repair.disarm();
    };
    surroundings.note = systemd::note;
    core::Machine machine(session, monotonicSeconds, std::move(surroundings));
    machinePointer = &machine;
    view::Controller controller(loop, machine, {options.captures, loadConfig(options.config).text("GPSD")});
    systemd::PartDirectory parts(
        loop, options.status, [&](auto views) { machine.setParts(std::move(views)); },
        [&] { machine.reconsider(); });
    WebBackend backend(loop, controller, STINKYCTL);
    const std::unique_ptr<web::Web> web = startWeb(loop, backend, options);
    controller.observe([&](const view::Controller::Change& change) {
        session.publish(change.before, change.after);
        systemd::announce(change.before, change.after);
        if (web && &change.before != &change.after)
            web->statusChanged();
        else if (web)
            web->gpsChanged();
    });
    parts.start();
    session.start(machine, controller);
    return loop.run();
}

} // namespace

int main(int argc, char** argv) {
    log::setUp("controller");
    Options options;
    CLI::App app{"Watches the parts of the sensor and steers them through systemd; stinkyctl talks to it.",
                 "stinky-controller"};
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--status-directory", options.status, "where parts report")->capture_default_str();
    app.add_option("--config", options.config, "the settings")->capture_default_str();
    app.add_option("--captures", options.captures, "where scanners write")->capture_default_str();
    app.add_option("--token", options.token, "the file with the token of port 5000")->capture_default_str();
    app.add_option("--share", options.share, "where the page is and the contract of port 5000")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    giveBackMemory();
    try {
        return run(options);
    } catch (const Error& e) {
        log::failure("controller", e);
    } catch (const std::exception& e) {
        log::error("controller", e.what());
    }
    return EXIT_FAILURE;
}
