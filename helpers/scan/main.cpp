#include "common/error.h"
#include "common/log.h"
#include "scan/scanner.h"

#include <CLI/CLI.hpp>

#include <cstdlib>

namespace {

int run(const stinky::scan::ScannerPlace& place, const std::string& configPath) {
    using namespace stinky;
    const Config config = Config::load(configPath);
    EventLoop loop;
    loop.exitOnSignals();
    const scan::Scanner scanner(loop, config, place);
    loop.enableWatchdog();
    return loop.run();
}

} // namespace

int main(int argc, char** argv) {
    stinky::log::setUp("scan");
    stinky::scan::ScannerPlace place;
    place.captures = "/var/lib/stinky/captures";
    place.status = STINKY_STATUS_DIRECTORY;
    std::string configPath = stinky::defaultConfigPath;

    CLI::App app("Writes the access points heard on a monitor interface to a WigleWifi file.",
                 "stinky-scan");
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--config", configPath, "settings")->capture_default_str();
    app.add_option("--captures", place.captures, "directory for the files")->capture_default_str();
    app.add_option("--status-directory", place.status, "directory for scan.json, empty for none")
        ->capture_default_str();
    app.add_option("--stand-in", place.standIn, "file that says why this runs in place of Kismet")
        ->envname("STINKY_STAND_IN");
    app.add_option("interface", place.interface, "network interface in monitor mode")
        ->envname("STINKY_INTERFACE")
        ->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? EXIT_SUCCESS : 64;
    }

    try {
        return run(place, configPath);
    } catch (const stinky::Error& e) {
        stinky::log::failure("scan-failed", e);
    } catch (const std::exception& e) {
        stinky::log::error("scan-failed", e.what());
    }
    return EXIT_FAILURE;
}
