#include "common/config.h"
#include "common/error.h"
#include "common/log.h"
#include "gps/gpsd_control.h"
#include "gps/last_rate.h"
#include "gps/options.h"
#include "gps/probe_session.h"
#include "gps/report.h"
#include "gps/serial_device.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;

std::vector<unsigned> ratesOf(const Options& options) {
    if (!options.bauds.empty())
        return options.bauds;
    const Config config = Config::load(options.configPath);
    for (const ConfigProblem& problem : config.problems())
        if (problem.message.starts_with("GPS_BAUDS"))
            log::warning("config-problem", options.configPath + ": " + problem.message);
    return parseRates(config.text("GPS_BAUDS"))
        .value_or(std::vector<unsigned>{9600, 4800, 38400, 57600, 115200});
}

int reportBusy(const std::string& device, const std::string& why) {
    log::warning("gps-busy", device + " is left alone: " + why, {{"STINKY_DEVICE", device}});
    return exitBusy;
}

int handOver(const std::string& device, const Options& options) {
    const auto added = GpsdControl(options.gpsdSocket).add(device);
    if (added == GpsdControl::Added::alreadyThere)
        log::info("gps-handed-over", device + " is already in gpsd's hands: left as it is",
                  {{"STINKY_DEVICE", device}});
    else
        log::info("gps-handed-over", device + " was handed to gpsd", {{"STINKY_DEVICE", device}});
    return exitFound;
}

int takeBack(const std::string& device, const Options& options) {
    const char* what = " was taken back from gpsd";
    switch (GpsdControl(options.gpsdSocket).remove(device)) {
    case GpsdControl::Removed::removed:
        break;
    case GpsdControl::Removed::notThere:
        what = " is not in gpsd's hands: nothing to take back";
        break;
    case GpsdControl::Removed::gpsdGone:
        what = ": gpsd is not running, nothing to take back";
        break;
    }
    log::info("gps-taken-back", device + what, {{"STINKY_DEVICE", device}});
    return exitFound;
}

// gpsd may have a device in its list without having it open, and then nobody else would know. A gpsd that
// cannot be asked is no reason not to look: whether it is there matters when there is something to hand
// over.
bool gpsdHas(const std::string& device, const Options& options) {
    try {
        return options.useGpsd && GpsdControl(options.gpsdSocket, 2s).has(device);
    } catch (const Error& error) {
        log::debug("gpsd-silent", error.what());
        return false;
    }
}

void reportFound(const SerialDevice& device, const Finding& finding, const Options& options) {
    log::info("gps-found", foundMessage(device.path, finding),
              {{"STINKY_DEVICE", device.path},
               {"STINKY_BAUD", finding.baud ? std::to_string(*finding.baud) : "none"},
               {"STINKY_PROTOCOL", toString(finding.protocol)},
               {"STINKY_METHOD", toString(finding.method)}});
    if (options.json) {
        std::puts(toJson(device.path, finding).c_str());
        std::fflush(stdout);
    }
}

Listened listenTo(const SerialDevice& device, const std::vector<unsigned>& rates, const Options& options) {
    const LastRate lastRate(options.stateDirectory);
    ProbeOptions plan;
    plan.rates = rates;
    plan.useEvidence = options.useEvidence;
    plan.hasRate = !device.rateless;
    plan.timeout = options.timeout;
    if (!device.rateless)
        plan.lastGood = lastRate.load(device.stableName);
    // Closed when this returns: gpsd opens the port itself.
    TermiosPort port(device.path);
    Listened listened = listen(plan, port);
    if (listened.finding) {
        port.keep();
        if (listened.finding->baud && listened.finding->baud != plan.lastGood &&
            !lastRate.save(device.stableName, *listened.finding->baud))
            log::debug("rate-not-kept", "the rate of " + device.stableName + " could not be kept");
    }
    return listened;
}

int probe(const Options& options) {
    const SerialDevice device = describeSerialDevice(options.device);
    if (options.useGpsd && !isGpsdPath(device.path))
        throw Error("hand to gpsd", device.path, "gpsd cannot be told a path like this", EINVAL);
    if (device.console)
        return reportBusy(device.path,
                          "the kernel's serial console is on it (console= on the kernel's command line)");
    if (gpsdHas(device.path, options))
        return reportBusy(device.path, "gpsd has it already");
    const std::vector<unsigned> rates = ratesOf(options);
    const Listened listened = listenTo(device, rates, options);
    if (listened.interrupted) {
        log::info("gps-not-found", "stopped before anything was found on " + device.path,
                  {{"STINKY_DEVICE", device.path}});
        return exitStopped;
    }
    if (!listened.finding) {
        log::notice("gps-not-found",
                    notFoundMessage(device.path, rates, device.rateless, listened.bytes, listened.elapsed),
                    {{"STINKY_DEVICE", device.path}});
        return exitNoGps;
    }
    reportFound(device, *listened.finding, options);
    return options.useGpsd ? handOver(device.path, options) : static_cast<int>(exitFound);
}

/// A port that is gone takes its unit with it: systemd sends SIGTERM when it hears of that. Who has ended
/// with an error by then makes the unit fail, for a dongle that was merely pulled.
int exitWithPort(const Error& error, const Options& options) {
    const bool gone =
        error.code() == EIO || error.code() == ENXIO || error.code() == ENODEV || error.code() == ENOENT;
    if (!gone || std::getenv("INVOCATION_ID") == nullptr) // systemd.exec(5): started by systemd
        return exitIo;
    // Gone before we began: the SIGTERM may have been for the command before us, after which systemd goes on
    // with us.
    if (options.mode == Mode::probe && error.code() != EIO)
        return exitStopped;
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, nullptr);
    constexpr timespec longest{5, 0};
    const bool stopped = sigtimedwait(&term, nullptr, &longest) == SIGTERM;
    return stopped || access(options.device.c_str(), F_OK) != 0 ? exitStopped : exitIo;
}

int run(const Options& options) {
    try {
        switch (options.mode) {
        case Mode::handOver:
            return handOver(describeSerialDevice(options.device).path, options);
        case Mode::takeBack:
            return takeBack(canonicalOrSame(options.device), options);
        case Mode::probe:
            return probe(options);
        }
    } catch (const PortBusy& busy) {
        return reportBusy(busy.object(), busy.why());
    } catch (const Error& error) {
        log::failure("gps-failed", error);
        return exitWithPort(error, options);
    } catch (const std::exception& error) {
        log::error("gps-failed", error.what());
    }
    return exitIo;
}

} // namespace
} // namespace stinky::gps

int main(int argc, char** argv) {
    stinky::log::setUp("gps");
    const auto options = stinky::gps::parseOptions(argc, argv);
    if (const int* code = std::get_if<int>(&options))
        return *code;
    return stinky::gps::run(std::get<stinky::gps::Options>(options));
}
