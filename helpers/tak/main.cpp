#include "common/error.h"
#include "common/log.h"
#include "tak/converter.h"

#include <CLI/CLI.hpp>

#include <cstdlib>

namespace {

int run(const std::string& configPath, const std::string& captures, const std::string& status) {
    using namespace stinky;
    const Config config = Config::load(configPath);
    EventLoop loop;
    loop.exitOnSignals();
    const tak::Converter converter(loop, config, captures, status);
    loop.enableWatchdog();
    return loop.run();
}

} // namespace

int main(int argc, char** argv) {
    stinky::log::setUp("tak");
    std::string configPath = stinky::defaultConfigPath;
    std::string captures = "/var/lib/stinky/captures";
    std::string status = STINKY_STATUS_DIRECTORY;

    CLI::App app("Sends the access points of the newest capture to TAK as Cursor-on-Target.", "stinky-tak");
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--config", configPath, "settings")->capture_default_str();
    app.add_option("--captures", captures, "directory with *.wiglecsv")->capture_default_str();
    app.add_option("--status-directory", status, "directory for tak.json, empty for none")
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : 64;
    }

    try {
        return run(configPath, captures, status);
    } catch (const stinky::Error& e) {
        stinky::log::failure("tak-failed", e);
    } catch (const std::exception& e) {
        stinky::log::error("tak-failed", e.what());
    }
    return EXIT_FAILURE;
}
