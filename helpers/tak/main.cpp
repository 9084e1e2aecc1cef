#include "common/error.h"
#include "common/log.h"
#include "tak/converter.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace stinky;

struct Arguments {
    std::string config = defaultConfigPath;
    std::string captures = "/var/lib/stinky/captures";
    std::string state = "/var/lib/stinky/tak";
    std::string control = "/run/stinky-tak/control";
    std::optional<std::string> status;
    std::string file;
    std::string replay;
    std::vector<std::string> outputs;
    double speed = 0;
    bool once = false;
    bool print = false;
};

tak::Settings settingsOf(const Arguments& arguments) {
    tak::Settings settings = tak::Settings::from(Config::load(arguments.config));
    if (!arguments.outputs.empty())
        settings.outputs = arguments.outputs;
    settings.print = arguments.print;
    settings.speed = arguments.speed;
    settings.captures = arguments.captures;
    const bool service = arguments.file.empty() && arguments.replay.empty();
    if (service) {
        settings.checkpoints = arguments.state.empty() ? "" : arguments.state + "/position.json";
        settings.control = arguments.control;
    } else if (!arguments.replay.empty() || arguments.once) {
        settings.replay = arguments.replay.empty() ? arguments.file : arguments.replay;
    } else {
        const std::filesystem::path path = std::filesystem::absolute(arguments.file);
        settings.captures = path.parent_path();
        settings.only = path.filename();
    }
    // What is run by hand must not write over the service's report.
    settings.statusDirectory = arguments.status.value_or(service ? STINKY_STATUS_DIRECTORY : "");
    if (!service)
        settings.beacon = 0;
    return settings;
}

int run(const Arguments& arguments) {
    EventLoop loop;
    loop.exitOnSignals();
    // A peer or a pipe that goes away is an error of the call that wrote.
    std::signal(SIGPIPE, SIG_IGN);
    tak::Converter converter(loop, settingsOf(arguments));
    loop.enableWatchdog();
    const int code = loop.run();
    converter.finish();
    return code;
}

} // namespace

int main(int argc, char** argv) {
    stinky::log::setUp("tak");
    Arguments arguments;
    CLI::App app(
        "Sends access points to TAK as Cursor-on-Target: those of the newest capture, or of one file.",
        "stinky-tak");
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--config", arguments.config, "settings")->capture_default_str();
    app.add_option("--captures", arguments.captures, "directory with *.wiglecsv")->capture_default_str();
    app.add_option("--state-directory", arguments.state, "where it keeps how far it read, empty for nowhere")
        ->capture_default_str();
    app.add_option("--control", arguments.control, "socket of stinkyctl tak test, empty for none")
        ->capture_default_str();
    app.add_option(
        "--status-directory", arguments.status,
        "directory for tak.json, empty for none; without --file and --replay " STINKY_STATUS_DIRECTORY);
    CLI::Option* file =
        app.add_option("--file", arguments.file, "follow this file")->check(CLI::ExistingFile);
    app.add_flag("--once", arguments.once, "with --file: end when its rows are sent")->needs(file);
    CLI::Option* replay =
        app.add_option("--replay", arguments.replay, "send the rows of this file, from its start, and end")
            ->check(CLI::ExistingFile)
            ->excludes(file);
    app.add_option("--speed", arguments.speed,
                   "with --replay: how many times as fast as it was recorded; 0 as fast as it goes")
        ->check(CLI::Range(0.0, 1e6))
        ->needs(replay)
        ->capture_default_str();
    CLI::Option* output =
        app.add_option("--output", arguments.outputs, "instead of TAK_OUTPUTS=; may be given several times");
    app.add_flag("--print", arguments.print, "write the events to standard output, and nowhere else")
        ->excludes(output);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : 64;
    }

    try {
        return run(arguments);
    } catch (const stinky::Error& e) {
        stinky::log::failure("tak-failed", e);
    } catch (const std::exception& e) {
        stinky::log::error("tak-failed", e.what());
    }
    return EXIT_FAILURE;
}
