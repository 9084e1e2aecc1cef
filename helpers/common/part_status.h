#pragma once

#include "common/event_loop.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace stinky {

/// How a part stands: the words of /run/stinky/status/*.json.
enum class PartState { ok, waiting, degraded, fault };

const char* toString(PartState state) noexcept;
std::optional<PartState> partStateFromString(std::string_view text) noexcept;

/// One part's report of itself.
struct PartReport {
    std::string part;
    PartState state = PartState::waiting;
    /// For people, without a full stop: "no position: waiting for a GPS fix".
    std::string reason;
    /// Seconds since the last input and the last output; nothing when there was none yet.
    std::optional<double> inputAge;
    std::optional<double> outputAge;
    /// The part sleeps until something changes, and writes only then: its report holds for as long as its
    /// unit is active.
    bool eventDriven = false;
    /// Flat or nested JSON, what the part counts and knows.
    nlohmann::json counters = nlohmann::json::object();

    bool operator==(const PartReport&) const = default;
};

/// JSON of a report; `monotonicSeconds` is CLOCK_MONOTONIC at the time of writing.
nlohmann::json toJson(const PartReport& report, double monotonicSeconds);

/// Reads a report back; throws Error when a field is missing or of the wrong type.
PartReport partReportFromJson(const nlohmann::json& json);

/// CLOCK_MONOTONIC in seconds.
double monotonicSeconds() noexcept;

/// Tells systemd (STATUS=, READY=1) and the status directory how a part stands. A change of state or reason
/// is written at once, counters at most once a second, and everything again every 10 s, so that a file that
/// goes stale means a part that hangs; of a part that is event-driven nothing is written again.
class StatusReporter {
public:
    /// `directory` is /run/stinky/status; an empty one turns the file off. `report` is asked for the current
    /// state each time it is written.
    StatusReporter(EventLoop& loop, std::string directory, std::function<PartReport()> report);
    /// Removes the file: a part that ended has no state of its own.
    ~StatusReporter();
    StatusReporter(const StatusReporter&) = delete;
    StatusReporter& operator=(const StatusReporter&) = delete;

    /// State or reason may differ now: written at once if so.
    void changed();
    /// Only a counter rose: written within a second. Costs next to nothing, call it for every packet.
    void counted();
    /// READY=1 with the first call, later calls do nothing.
    void ready();

private:
    void write(const PartReport& report);

    std::string directory_;
    std::function<PartReport()> report_;
    Timer heartbeat_;
    Timer soon_;
    std::string path_;
    PartReport last_;
    double lastWrite_ = -1e9;
    bool ready_ = false;
    bool soonArmed_ = false;
};

} // namespace stinky
