#include "common/error.h"
#include "common/log.h"
#include "scan/scanner.h"

#include <CLI/CLI.hpp>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

namespace {

/// "48.1173,11.516667" or with a third number, metres above mean sea level; nothing for anything else.
std::optional<stinky::GpsFix> positionFrom(const std::vector<double>& numbers) {
    if (numbers.size() < 2 || !(std::abs(numbers[0]) <= 90) || !(std::abs(numbers[1]) <= 180))
        return std::nullopt;
    stinky::GpsFix fix;
    fix.mode = numbers.size() > 2 ? 3 : 2;
    fix.latitude = numbers[0];
    fix.longitude = numbers[1];
    if (numbers.size() > 2)
        fix.altitudeMsl = numbers[2];
    return fix;
}

/// Puts together what the options said. Throws CLI::ValidationError.
void complete(stinky::scan::ScannerPlace& place, const std::vector<double>& position,
              const std::optional<std::string>& status) {
    if (place.source().empty())
        throw CLI::ValidationError("an interface is needed, or --read");
    place.position = positionFrom(position);
    if (!position.empty() && !place.position)
        throw CLI::ValidationError("--position", "no such place on Earth");
    // It is read faster than it was recorded, perhaps long ago: where we are now says nothing.
    if (!place.position && std::filesystem::is_regular_file(place.recording))
        throw CLI::ValidationError("--position must say where " + place.recording + " was recorded");
    // What is run by hand must not write over the service's report.
    place.status = status.value_or(place.recording.empty() ? STINKY_STATUS_DIRECTORY : "");
}

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
    std::string configPath = stinky::defaultConfigPath;

    CLI::App app("Writes the access points heard on a monitor interface to a WigleWifi file.",
                 "stinky-scan");
    app.set_version_flag("--version", STINKY_VERSION);
    app.add_option("--config", configPath, "settings")->capture_default_str();
    app.add_option("--captures", place.captures, "directory for the files")->capture_default_str();
    std::optional<std::string> status;
    app.add_option("--status-directory", status,
                   "directory for scan.json, empty for none; without --read " STINKY_STATUS_DIRECTORY);
    app.add_option("--stand-in", place.standIn, "file that says why this runs in place of Kismet")
        ->envname("STINKY_STAND_IN");
    CLI::Option* interface =
        app.add_option("interface", place.interface, "network interface in monitor mode")
            ->envname("STINKY_INTERFACE");
    CLI::Option* read =
        app.add_option("--read", place.recording, "pcap file to read instead, - for standard input")
            ->excludes(interface);
    std::vector<double> numbers;
    app.add_option("--position", numbers, "with --read: LAT,LON[,ALT] of whoever recorded it, not gpsd's")
        ->delimiter(',')
        ->expected(2, 3)
        ->needs(read);
    try {
        app.parse(argc, argv);
        complete(place, numbers, status);
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
