#pragma once

#include "gps/probe_core.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace stinky::gps {

/// Exit codes, after sysexits(3).
enum ExitCode : int {
    exitFound = 0,
    exitUsage = 64,
    exitNoGps = 69,
    exitIo = 74,
    exitBusy = 75,
    exitStopped = 143, ///< by SIGTERM, counted as a shell does
};

enum class Mode : std::uint8_t { probe, handOver, takeBack };

struct Options {
    Mode mode = Mode::probe;
    std::string device;
    bool json = false;
    bool useGpsd = true;
    std::string gpsdSocket = "/run/gpsd.sock";
    std::string configPath;
    std::string stateDirectory = "/var/lib/stinky/gps";
    bool useEvidence = true;
    /// As --bauds gave them; empty: GPS_BAUDS of the config.
    std::vector<unsigned> bauds;
    std::optional<Moment> timeout;
};

/// Rates separated by commas or white space, in the order given, repetitions left out. Nothing when a word
/// is not a whole number from 1200 to 1000000, when there is no word, or more than 16.
std::optional<std::vector<unsigned>> parseRates(const std::string& text);

/// The options, or the exit code with which to end at once: after --help, or after what was wrong has been
/// written to stderr.
std::variant<Options, int> parseOptions(int argc, const char* const* argv);

} // namespace stinky::gps
