#include "common/config.h"
#include "common/error.h"
#include "common/log.h"
#include "common/part_status.h"
#include "core/machine.h"
#include "systemd/announcer.h"
#include "systemd/part_directory.h"

#include <CLI/CLI.hpp>

#include <cstdlib>

#include "session.h"
#include "view/controller.h"

namespace {

using namespace stinky;

struct Options {
    std::string status = STINKY_STATUS_DIRECTORY;
    std::string config = defaultConfigPath;
    std::string captures = view::captureDirectory;
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
    controller.observe([&](const view::Controller::Change& change) {
        session.publish(change.before, change.after);
        systemd::announce(change.before, change.after);
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
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options);
    } catch (const Error& e) {
        log::failure("controller", e);
    } catch (const std::exception& e) {
        log::error("controller", e.what());
    }
    return EXIT_FAILURE;
}
