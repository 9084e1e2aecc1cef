#include "common/error.h"
#include "common/log.h"
#include "gps/gpsd_control.h"
#include "gps/options.h"
#include "gps/service/gps_service.h"
#include "gps/service/port_check.h"
#include "gps/service/port_watch.h"
#include "gps/service/systemd_calls.h"
#include "gps/service/with_receiver.h"

#include <CLI/CLI.hpp>

#include <cstdlib>
#include <exception>

namespace stinky::gps {
namespace {

/// EX_CONFIG of sysexits(3): the settings say no.
constexpr int exitSettings = 78;

struct Place {
    std::string config = defaultConfigPath;
    std::string status = STINKY_STATUS_DIRECTORY;
    std::string socket = "/run/gpsd.sock";
    std::string device;
    std::string unit; ///< to be started when the port is held, or when it is free
    std::vector<std::string> command;
};

int follow(const Place& place) {
    const Config config = Config::load(place.config);
    EventLoop loop;
    loop.exitOnSignals();
    const GpsService service(loop, config, place.status, realEffects());
    loop.enableWatchdog();
    return loop.run();
}

int check(const Place& place) {
    const auto refusal = checkPort(place.device, Config::load(place.config), {{}, "/proc", unitState});
    if (!refusal)
        return exitFound;
    const bool again = refusal->kind == PortRefusal::Kind::held && !place.unit.empty();
    log::notice("gps-left-alone",
                place.device + " is left alone: " + refusal->why +
                    (again ? "; it is looked at again when that lets go" : ""),
                {{"STINKY_DEVICE", place.device}});
    if (again)
        startUnit(place.unit);
    return refusal->kind == PortRefusal::Kind::settings ? exitSettings : static_cast<int>(exitBusy);
}

int await(const Place& place) {
    EventLoop loop;
    loop.exitOnSignals();
    const PortWatch watch(
        loop, place.device, [&] { return portUser(place.device).has_value(); },
        [&] {
            log::info("gps-port-free", place.device + " is free: looking for a receiver",
                      {{"STINKY_DEVICE", place.device}});
            startUnit(place.unit);
            loop.exit(EXIT_SUCCESS);
        });
    return loop.run();
}

int supply(const Place& place) {
    int result = EXIT_SUCCESS;
    const GpsdControl gpsd(place.socket);
    for (const std::string& unitDevice : devicesHandedOver()) {
        const std::string device = canonicalOrSame(unitDevice);
        try {
            if (gpsd.add(device) == GpsdControl::Added::added)
                log::info("gps-handed-over", device + " was handed to gpsd again",
                          {{"STINKY_DEVICE", device}});
        } catch (const Error& error) { // the others may fare better
            log::failure("gps-failed", error);
            result = exitIo;
        }
    }
    return result;
}

int guarded(int (*run)(const Place&), const Place& place) {
    try {
        return run(place);
    } catch (const Error& error) {
        log::failure("gps-failed", error);
    } catch (const std::exception& error) {
        log::error("gps-failed", error.what());
    }
    return exitIo;
}

int display(const Place& place) {
    return runWithReceiver(Config::load(place.config), place.command);
}

} // namespace
} // namespace stinky::gps

int main(int argc, char** argv) {
    using namespace stinky::gps;
    stinky::log::setUp("gps");
    Place place;
    CLI::App app("Follows gpsd and keeps it supplied with its receivers.", "stinky-gps");
    app.set_version_flag("--version", STINKY_VERSION);
    app.require_subcommand(1);
    app.add_option("--config", place.config, "settings")->capture_default_str();
    auto* followed = app.add_subcommand("follow", "Be stinky-gps.service: report how GPS stands");
    followed->add_option("--status-directory", place.status, "directory for gps.json, empty for none")
        ->capture_default_str();
    auto* checked = app.add_subcommand("check", "Say whether a serial port may be listened to");
    checked->add_option("DEVICE", place.device, "serial port, like /dev/ttyUSB0")->required();
    checked->add_option("--start", place.unit,
                        "unit that systemd is asked to start when another process has it open");
    auto* awaited = app.add_subcommand("await", "Wait until no process has a serial port open");
    awaited->add_option("DEVICE", place.device, "serial port, like /dev/ttyUSB0")->required();
    awaited->add_option("--start", place.unit, "unit that systemd is asked to start then")->required();
    auto* supplied =
        app.add_subcommand("supply", "Hand gpsd again what stinky-gps@ instances have handed it");
    supplied->add_option("--gpsd", place.socket, "gpsd's control socket")->capture_default_str();
    auto* displayed = app.add_subcommand("display", "Wait for a receiver, then run a command");
    displayed->add_option("COMMAND", place.command, "program by its full path, and its arguments")
        ->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? EXIT_SUCCESS : static_cast<int>(exitUsage);
    }
    if (followed->parsed())
        return guarded(follow, place);
    if (checked->parsed())
        return guarded(check, place);
    if (awaited->parsed())
        return guarded(await, place);
    return guarded(supplied->parsed() ? supply : display, place);
}
