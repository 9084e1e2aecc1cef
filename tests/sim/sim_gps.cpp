#include "sim/gps_pump.h"
#include "sim/gps_receiver.h"
#include "sim/nmea_writer.h"
#include "sim/pty.h"
#include "sim/signal_fd.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
#include <string>

namespace stinky::sim {

namespace {

constexpr int exitUsage = 2;

struct Options {
    ReceiverOptions receiver;
    LineOptions line;
    std::string routePath;
    std::string linkPath;
};

void addLine(CLI::App& app, LineOptions& line) {
    const CLI::Range speed(4800U, 230400U);
    app.add_option("--baud", line.baud, "true speed of the line, bit/s")
        ->check(speed)
        ->capture_default_str();
    app.add_option("--rate", line.burstsPerSecond, "bursts per second")
        ->check(CLI::IsMember({1, 5, 10}))
        ->capture_default_str();
    auto* after =
        app.add_option("--switch-after", line.switchAfter, "seconds until the line changes its speed")
            ->check(CLI::NonNegativeNumber);
    app.add_option("--switch-to", line.switchTo, "the line's speed from then on, bit/s")
        ->check(speed)
        ->needs(after);
    const std::map<std::string, FramingErrors> framing{{"raw", FramingErrors::Raw},
                                                       {"zero", FramingErrors::Zero}};
    app.add_option("--framing-errors", line.framingErrors,
                   "a character without stop bit arrives as sampled (raw) or as 0x00 (zero)")
        ->transform(CLI::CheckedTransformer(framing))
        ->default_str("raw");
}

void addPosition(CLI::App& app, Options& options) {
    Position& position = options.receiver.position;
    position = {48.1173, 11.516667, 545.4};
    options.receiver.geoidSeparation = 46.9;
    app.add_option("--lat", position.latitude, "degrees, north positive")
        ->check(CLI::Range(-90.0, 90.0))
        ->capture_default_str();
    app.add_option("--lon", position.longitude, "degrees, east positive")
        ->check(CLI::Range(-180.0, 180.0))
        ->capture_default_str();
    app.add_option("--alt", position.altitude, "metres above mean sea level")
        ->check(CLI::Range(-500.0, 50000.0))
        ->capture_default_str();
    app.add_option("--geoid", options.receiver.geoidSeparation,
                   "metres from the ellipsoid up to mean sea level")
        ->check(CLI::Range(-120.0, 120.0))
        ->capture_default_str();
    app.add_option("--route", options.routePath, "drive along this file: lines of `seconds lat lon [alt]`")
        ->check(CLI::ExistingFile);
}

void addReceiver(CLI::App& app, ReceiverOptions& receiver) {
    app.add_option("--talker", receiver.talker, "GP GN GL GA GB BD GQ GI")
        ->check(CLI::Validator(
            [](const std::string& talker) -> std::string {
                return findTalker(talker) != nullptr ? "" : "not a talker this receiver knows: " + talker;
            },
            ""))
        ->capture_default_str();
    app.add_option("--sats", receiver.satellites, "satellites in view; 3 give a 2D fix, fewer none")
        ->check(CLI::Range(0, 32))
        ->capture_default_str();
    auto* after = app.add_option("--fix-after", receiver.fixAfter, "seconds until the first fix")
                      ->check(CLI::NonNegativeNumber);
    app.add_flag("!--no-fix", receiver.fix, "never find a position")->excludes(after);
    app.add_option("--seed", receiver.seed, "of what is random")->capture_default_str();

    auto* outputs = app.add_option_group("output", "instead of NMEA, one of");
    const auto add = [&](const char* name, Output output, const char* description) {
        outputs->add_flag_callback(
            name, [&receiver, output] { receiver.output = output; }, description);
    };
    add("--ubx", Output::Ubx, "UBX NAV-PVT, binary");
    add("--noise", Output::Noise, "random bytes in which no packet begins");
    add("--chatter", Output::Chatter, "printable lines that are not NMEA");
    add("--silent", Output::Silent, "nothing");
    outputs->require_option(0, 1);
}

void run(Options& options) {
    if (!options.routePath.empty()) {
        std::ifstream file(options.routePath);
        options.receiver.route = Route::parse(file, options.receiver.position.altitude);
    }
    const UniqueFd signals = openTerminationSignals();
    Pty pty;
    std::unique_ptr<Symlink> link;
    if (!options.linkPath.empty()) {
        link = std::make_unique<Symlink>(pty.slavePath(), options.linkPath);
    }
    GpsPump pump(GpsReceiver(options.receiver), options.line, pty);
    std::printf("ready %s\n", pty.slavePath().c_str());
    std::fflush(stdout);
    pump.run(signals.get());
}

} // namespace

} // namespace stinky::sim

int main(int argc, char** argv) {
    CLI::App app(
        "A GPS receiver on a pseudo-terminal: a reader at a wrong speed gets what its UART would get.",
        "sim-gps");
    stinky::sim::Options options;
    stinky::sim::addLine(app, options.line);
    stinky::sim::addPosition(app, options);
    stinky::sim::addReceiver(app, options.receiver);
    app.add_option("--link", options.linkPath, "a symbolic link to the port, removed at the end");
    try {
        app.parse(argc, argv);
        stinky::sim::run(options);
        return 0;
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : stinky::sim::exitUsage;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sim-gps: %s\n", error.what());
        return 1;
    }
}
