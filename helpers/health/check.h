#pragma once

#include "common/captures.h"
#include "common/part_status.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace stinky::health {

/// What one look at a program found.
struct Finding {
    bool flows = false; ///< it does its work: ready, and alive for the watchdog
    PartState state = PartState::waiting;
    std::string reason; ///< for people, without a full stop
    std::optional<double> inputAge;
    std::optional<double> outputAge;
    nlohmann::json counters = nlohmann::json::object();
};

/// One way to look at a program.
class Check {
public:
    using Done = std::function<void(Finding)>;

    Check() = default;
    virtual ~Check() = default;
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;

    /// Looks once and calls `done` once, never from within this call, within a time that the check bounds.
    /// The next look may start when it was called.
    virtual void look(Done done) = 0;
};

/// What a check may be told on the command line.
struct CheckOptions {
    std::string name;                        ///< "kismet", "http://host:port/path", "tcp:host:port"
    std::chrono::milliseconds timeout{5000}; ///< of one request
    std::chrono::seconds silence{60};        ///< kismet: packets may stand still for so long
    std::string url;                         ///< kismet: where it answers, empty for KISMET_LISTEN=
    std::string login;                       ///< kismet: file with "user:password"
    std::string captures;                    ///< kismet: directory of its log files
    CaptureRules rules;                      ///< kismet: how they are kept
};

/// `host` and `port` of "tcp:host:port", "tcp:[::1]:80"; nothing when it is not of that form.
struct TcpTarget {
    std::string host;
    std::string port;

    bool operator==(const TcpTarget&) const = default;
};

std::optional<TcpTarget> parseTcpTarget(const std::string& name);

} // namespace stinky::health
