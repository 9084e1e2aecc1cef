#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

#include "unit/gps/fake_gpsd.h"
#include "unit/sim/child_process.h"
#include "unit/temporary_directory.h"

namespace stinky::gps {

/// sim-gps, running until this goes.
class SimGps {
public:
    explicit SimGps(const std::vector<std::string>& arguments);

    const std::string& port() const { return port_; }

private:
    sim::test::ChildProcess process_;
    std::string port_;
};

/// How a stinky-gps-probe ended.
struct ProbeResult {
    int exitCode;
    nlohmann::json json; ///< null when none was written
    std::string log;     ///< what it wrote to stderr
};

/// stinky-gps-probe, started and not yet waited for.
class RunningProbe {
public:
    explicit RunningProbe(std::vector<std::string> arguments);

    void signal(int number) const { process_.signal(number); }

    /// Waits for its end, at most half a minute.
    ProbeResult result();

private:
    sim::test::ChildProcess process_;
};

/// The speed a port was left at, bit/s, and whether it was left raw.
struct PortState {
    unsigned baud;
    bool raw;
};

PortState stateOf(const std::string& port);

/// A folder, a fake gpsd in it, and what a probe needs to use both.
class GpsBench {
public:
    explicit GpsBench(FakeGpsd::Dialect dialect = FakeGpsd::Dialect::words);

    FakeGpsd& gpsd() { return gpsd_; }

    const test::TemporaryDirectory& folder() const { return folder_; }

    /// Arguments for a probe that hands over to this gpsd and remembers rates in the folder.
    std::vector<std::string> arguments(const std::string& port,
                                       const std::vector<std::string>& more = {}) const;
    ProbeResult probe(const std::string& port, const std::vector<std::string>& more = {}) const;

private:
    test::TemporaryDirectory folder_;
    FakeGpsd gpsd_;
};

} // namespace stinky::gps
