#include "common/error.h"
#include "common/exec.h"
#include "common/log.h"
#include "tak/wigletotak/copy_check.h"
#include "tak/wigletotak/feeder.h"

#include <CLI/CLI.hpp>
#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace {

using namespace stinky;

// EX_CONFIG of sysexits(3); the unit does not start again after it.
constexpr int exitConfig = 78;

/// Becomes the command when nothing is missing.
int check(const Config& config, const std::vector<std::string>& command) {
    const std::string missing = tak::whatIsMissing(config.text("WIGLETOTAK_DIR"));
    if (!missing.empty()) {
        log::error("wigletotak-missing", missing);
        sd_notify(0, ("STATUS=" + missing).c_str());
        return exitConfig;
    }
    if (!command.empty())
        become(command);
    return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
    log::setUp("wigletotak");
    std::string configPath = defaultConfigPath;
    std::string captures = "/var/lib/stinky/captures";
    std::string directory = "/var/lib/stinky/wigletotak";
    std::string status = STINKY_STATUS_DIRECTORY;
    std::string url = "http://127.0.0.1:8000";
    CLI::App app("Feeds a running WigleToTAK with rows that it can read.", "stinky-wigletotak");
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--config", configPath, "settings")->capture_default_str();
    app.require_subcommand(1);
    const CLI::App* looks = app.add_subcommand(
        "check", "Say what the copy at WIGLETOTAK_DIR= lacks; run the command behind -- when nothing");
    CLI::App* feeds = app.add_subcommand("feed", "Follow the captures and have it broadcast them");
    feeds->add_option("--captures", captures, "directory with *.wiglecsv")->capture_default_str();
    feeds->add_option("--directory", directory, "where the rows for it are written")->capture_default_str();
    feeds->add_option("--status-directory", status, "directory for tak.json, empty for none")
        ->capture_default_str();
    feeds->add_option("--url", url, "where it answers")->capture_default_str();
    const std::vector<std::string> command = takeCommand(argc, argv);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : 64;
    }
    try {
        const Config config = Config::load(configPath);
        if (looks->parsed())
            return check(config, command);
        tak::Settings settings = tak::Settings::from(config);
        settings.captures = captures;
        settings.statusDirectory = status;
        EventLoop loop;
        loop.exitOnSignals();
        const tak::Feeder feeder(loop, settings, directory, url);
        loop.enableWatchdog();
        return loop.run();
    } catch (const Error& e) {
        log::failure("wigletotak-failed", e);
    } catch (const std::exception& e) {
        log::error("wigletotak-failed", e.what());
    }
    return EXIT_FAILURE;
}
