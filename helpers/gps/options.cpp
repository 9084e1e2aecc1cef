#include "gps/options.h"

#include "common/config.h"
#include "gps/gpsd_control.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>

namespace stinky::gps {
namespace {

constexpr std::size_t mostRates = 16;
constexpr double longestTimeout = 600; // s

void addOptions(CLI::App& app, Options& options, std::string& bauds, double& timeout) {
    app.add_option("DEVICE", options.device, "serial port, like /dev/ttyUSB0")->required();
    app.add_flag("--json", options.json, "write what was found to standard output, as one JSON object");
    app.add_option("--bauds", bauds,
                   "rates to try, preferred ones first (default: GPS_BAUDS of the config)");
    app.add_option("--timeout", timeout, "give up after this many seconds (default: 2.2 for each rate)")
        ->check(CLI::Range(0.1, longestTimeout));
    auto* socket =
        app.add_option("--gpsd", options.gpsdSocket, "gpsd's control socket")->capture_default_str();
    auto* none =
        app.add_flag("!--no-gpsd", options.useGpsd, "only probe, hand nothing to gpsd")->excludes(socket);
    app.add_option("--config", options.configPath, "the settings")->default_str(defaultConfigPath);
    app.add_option("--state-directory", options.stateDirectory,
                   "where the rate of each receiver is remembered; empty for nowhere")
        ->capture_default_str();
    app.add_flag("!--no-evidence", options.useEvidence, "only try the rates one after another");
    auto* handOver = app.add_flag_callback(
        "--hand-over", [&options] { options.mode = Mode::handOver; }, "do not probe, hand DEVICE to gpsd");
    app.add_flag_callback(
           "--take-back", [&options] { options.mode = Mode::takeBack; },
           "do not probe, take DEVICE back from gpsd")
        ->excludes(handOver)
        ->excludes(none);
    handOver->excludes(none);
    app.set_version_flag("--version", STINKY_VERSION);
}

} // namespace

std::optional<std::vector<unsigned>> parseRates(const std::string& text) {
    std::vector<unsigned> rates;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(", \t", at)) != std::string::npos) {
        const std::size_t end = std::min(text.find_first_of(", \t", at), text.size());
        unsigned baud = 0;
        const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, baud);
        if (error != std::errc() || stop != text.data() + end || baud < 1200 || baud > 1000000)
            return std::nullopt;
        if (std::find(rates.begin(), rates.end(), baud) == rates.end())
            rates.push_back(baud);
        at = end;
    }
    if (rates.empty() || rates.size() > mostRates)
        return std::nullopt;
    return rates;
}

std::variant<Options, int> parseOptions(int argc, const char* const* argv) {
    Options options;
    options.configPath = defaultConfigPath;
    std::string bauds;
    double timeout = 0;
    CLI::App app(
        "Finds out whether a GPS receiver is on a serial port and at which speed, and hands it to gpsd.",
        "stinky-gps-probe");
    addOptions(app, options, bauds, timeout);
    try {
        app.parse(argc, argv);
        if (!bauds.empty() || app.count("--bauds") > 0) {
            const auto rates = parseRates(bauds);
            if (!rates)
                throw CLI::ValidationError("--bauds",
                                           "expected 1 to 16 rates from 1200 to 1000000, like 9600,4800");
            options.bauds = *rates;
        }
        if (options.mode != Mode::probe && !isGpsdPath(options.device))
            throw CLI::ValidationError("DEVICE",
                                       "expected an absolute path without spaces, as gpsd takes it");
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(exitUsage);
    }
    if (timeout > 0)
        options.timeout = std::chrono::duration_cast<Moment>(std::chrono::duration<double>(timeout));
    return options;
}

} // namespace stinky::gps
