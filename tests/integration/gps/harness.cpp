#include "harness.h"

#include "sim/line_speed.h"

#include <fcntl.h>
#include <termios.h>

#include <cerrno>
#include <system_error>

namespace stinky::gps {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> command(const char* program, const std::vector<std::string>& arguments) {
    std::vector<std::string> all{program};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
}

} // namespace

SimGps::SimGps(const std::vector<std::string>& arguments) : process_(command(SIM_GPS, arguments)) {
    const std::string line = process_.outputLine().value_or("");
    if (!line.starts_with("ready "))
        throw std::runtime_error("sim-gps does not start: " + line);
    port_ = line.substr(6);
}

RunningProbe::RunningProbe(std::vector<std::string> arguments)
    : process_(command(STINKY_GPS_PROBE, arguments)) {}

ProbeResult RunningProbe::result() {
    ProbeResult result{};
    while (const auto line = process_.outputLine(30s))
        if (line->starts_with('{'))
            result.json = nlohmann::json::parse(*line);
    while (const auto line = process_.errorLine(1s))
        result.log += *line + "\n";
    result.exitCode = process_.wait();
    return result;
}

PortState stateOf(const std::string& port) {
    const Fd fd(open(port.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    termios settings{};
    if (!fd || tcgetattr(fd.get(), &settings) < 0)
        throw std::system_error(errno, std::generic_category(), port);
    return {sim::receiveSpeed(fd.get()), (settings.c_lflag & (ICANON | ECHO)) == 0};
}

GpsBench::GpsBench(FakeGpsd::Dialect dialect) : gpsd_(folder_ / "gpsd.sock", dialect) {}

std::vector<std::string> GpsBench::arguments(const std::string& port,
                                             const std::vector<std::string>& more) const {
    std::vector<std::string> all{"--json",          "--gpsd",   folder_ / "gpsd.sock", "--state-directory",
                                 folder_ / "state", "--config", folder_ / "none.conf"};
    all.insert(all.end(), more.begin(), more.end());
    all.push_back(port);
    return all;
}

ProbeResult GpsBench::probe(const std::string& port, const std::vector<std::string>& more) const {
    return RunningProbe(arguments(port, more)).result();
}

} // namespace stinky::gps
