#include "common/part_status.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <systemd/sd-daemon.h>

#include <unistd.h>

#include <array>
#include <ctime>
#include <utility>

namespace stinky {
namespace {

constexpr std::array<std::pair<PartState, const char*>, 4> names = {{
    {PartState::ok, "ok"},
    {PartState::waiting, "waiting"},
    {PartState::degraded, "degraded"},
    {PartState::fault, "fault"},
}};

// The promise to readers is 10 s; the accuracy below may add a second.
constexpr std::chrono::seconds heartbeatInterval{9};
constexpr std::chrono::seconds heartbeatAccuracy{1};
constexpr std::chrono::seconds counterInterval{1};

nlohmann::json optionalNumber(const std::optional<double>& value) {
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

std::optional<double> readOptionalNumber(const nlohmann::json& json, const char* key) {
    const auto& value = json.at(key);
    return value.is_null() ? std::nullopt : std::optional<double>(value.get<double>());
}

} // namespace

const char* toString(PartState state) noexcept {
    for (const auto& [value, name] : names)
        if (value == state)
            return name;
    return "fault";
}

std::optional<PartState> partStateFromString(std::string_view text) noexcept {
    for (const auto& [value, name] : names)
        if (text == name)
            return value;
    return std::nullopt;
}

double monotonicSeconds() noexcept {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

nlohmann::json toJson(const PartReport& report, double monotonic) {
    nlohmann::json json = {
        {"part", report.part},
        {"state", toString(report.state)},
        {"reason", report.reason},
        {"input_age_s", optionalNumber(report.inputAge)},
        {"output_age_s", optionalNumber(report.outputAge)},
        {"counters", report.counters},
        {"monotonic_s", monotonic},
    };
    if (report.eventDriven)
        json["event_driven"] = true;
    return json;
}

PartReport partReportFromJson(const nlohmann::json& json) {
    try {
        PartReport report;
        report.part = json.at("part").get<std::string>();
        const auto state = partStateFromString(json.at("state").get<std::string>());
        if (!state)
            throw Error("read", "part status", "unknown state " + json.at("state").dump());
        report.state = *state;
        report.reason = json.at("reason").get<std::string>();
        report.inputAge = readOptionalNumber(json, "input_age_s");
        report.outputAge = readOptionalNumber(json, "output_age_s");
        report.eventDriven = json.value("event_driven", false);
        report.counters = json.at("counters");
        return report;
    } catch (const nlohmann::json::exception& e) {
        throw Error("read", "part status", e.what());
    }
}

StatusReporter::StatusReporter(EventLoop& loop, std::string directory, std::function<PartReport()> report)
    : directory_(std::move(directory)), report_(std::move(report)) {
    heartbeat_ = loop.addTimer(heartbeatAccuracy, "status heart-beat", [this] { write(report_()); });
    soon_ = loop.addTimer(std::chrono::milliseconds(100), "status change", [this] {
        soonArmed_ = false;
        write(report_());
    });
    heartbeat_.arm(std::chrono::seconds(0));
}

StatusReporter::~StatusReporter() {
    if (!path_.empty())
        unlink(path_.c_str());
}

void StatusReporter::changed() {
    const PartReport report = report_();
    if (report.state != last_.state || report.reason != last_.reason)
        write(report);
    else
        counted();
}

void StatusReporter::counted() {
    if (std::exchange(soonArmed_, true))
        return;
    soon_.arm(counterInterval);
}

void StatusReporter::ready() {
    if (std::exchange(ready_, true))
        return;
    // Whoever hears that it is ready finds the report that says how it stands.
    changed();
    sd_notify(0, "READY=1");
}

void StatusReporter::write(const PartReport& report) {
    if (report.state != last_.state || report.reason != last_.reason) {
        // One line: sd_notify(3) takes a newline as the next assignment.
        std::string line = std::string("STATUS=") + toString(report.state) + ": " + report.reason;
        for (char& c : line)
            if (static_cast<unsigned char>(c) < 0x20)
                c = ' ';
        sd_notify(0, line.c_str());
    }
    lastWrite_ = monotonicSeconds();
    if (!directory_.empty()) {
        path_ = directory_ + "/" + report.part + ".json";
        const auto text =
            toJson(report, lastWrite_).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        try {
            writeFileAtomically(path_, text + "\n", 0644);
        } catch (const Error& e) {
            // A full /run must not end a part that works; systemd still tells, and readers see the file go
            // stale.
            sd_notify(0, (std::string("STATUS=") + e.what()).c_str());
        }
    }
    last_ = report;
    if (!report.eventDriven)
        heartbeat_.arm(heartbeatInterval);
}

} // namespace stinky
