#include "scan/scanner.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/log.h"
#include "common/text.h"
#include "scan/pcap_file.h"
#include "scan/pcap_source.h"

#include <fmt/format.h>

#include <ctime>
#include <tuple>
#include <utility>

namespace stinky::scan {
namespace {

constexpr std::size_t mostAccessPoints = 50000;
// Beacons come ten times a second from every access point: this long without any is worth a word.
constexpr std::chrono::seconds silenceLimit{30};

// What a power cut may cost: syncing each row would wear a memory card out.
constexpr std::chrono::seconds syncDelay{1};

std::string standInReason(const std::string& path) {
    if (path.empty())
        return {};
    try {
        const std::string text = readFile(path, 4096);
        return displayText(text.substr(0, text.find('\n')), 200);
    } catch (const Error&) { // started by hand, without the reason
        return {};
    }
}

} // namespace

Scanner::Scanner(EventLoop& loop, const Config& config, ScannerPlace place)
    : place_(std::move(place)),
      loop_(loop),
      table_(mostAccessPoints, static_cast<double>(config.number("WIGLE_THROTTLE"))),
      capture_(place_.captures, CaptureRules::of(config)),
      standInFor_(standInReason(place_.standIn)),
      silence_(loop.addTimer(std::chrono::seconds(1), "silence", [this] { checkSilence(); })),
      sync_(loop.addTimer(std::chrono::milliseconds(100), "capture to disk", [this] { sync(); })),
      status_(loop, place_.status, [this] { return report(); }) {
    lastFrame_ = monotonicSeconds();
    const auto onFrame = [this](const Frame& frame) {
        this->onFrame(frame);
    };
    if (place_.recording.empty()) {
        hop_.emplace(loop, place_.interface, config);
        source_ = std::make_unique<PcapSource>(loop, place_.interface, onFrame);
        log::info("scan-started",
                  fmt::format("listening on {}, {} channels, {} ms each", place_.interface, hop_->channels(),
                              hop_->dwell().count()),
                  {{"STINKY_INTERFACE", place_.interface}});
    } else {
        source_ = std::make_unique<PcapFile>(loop, place_.recording, onFrame, [this] { onRecordingEnd(); });
    }
    if (!place_.position)
        gps_.emplace(loop, config.text("GPSD"), [this] { onGpsChange(); });
    silence_.arm(silenceLimit);
}

void Scanner::onFrame(const Frame& frame) {
    ++frames_;
    lastFrame_ = monotonicSeconds();
    heard_ = frame.time;
    const auto result = parseBeacon(frame.packet);
    if (const auto* reason = std::get_if<FrameReject>(&result)) {
        ++rejected_.at(static_cast<std::size_t>(*reason));
        if (*reason == FrameReject::badRadiotap || *reason == FrameReject::badFcs)
            return;
    } else {
        const std::time_t wall =
            place_.recording.empty() ? std::time(nullptr) : static_cast<std::time_t>(frame.time);
        const auto row = table_.add(std::get<Sighting>(result), position(lastFrame_), frame.time, wall);
        if (row)
            write(*row);
    }
    status_.ready();
    status_.counted();
}

void Scanner::onRecordingEnd() {
    sync();
    log::info("recording-ended",
              fmt::format("{} frames, {} access points, {} rows", frames_, table_.size(), capture_.rows()));
    loop_.exit(EXIT_SUCCESS);
}

std::optional<GpsFix> Scanner::position(double now) const {
    return gps_ ? freshPosition(gps_->state(), now) : place_.position;
}

std::string Scanner::positionProblem(double now) const {
    return gps_ ? stinky::positionProblem(gps_->state(), now) : std::string();
}

void Scanner::write(const WigleRow& row) {
    const std::string before = capture_.path();
    std::string problem;
    try {
        if (capture_.append(row, std::time(nullptr), monotonicSeconds())) {
            lastRow_ = monotonicSeconds();
            if (!std::exchange(syncArmed_, true))
                sync_.arm(syncDelay);
        }
        problem = capture_.problem();
        if (problem != writeProblem_)
            log::warning("capture-withheld",
                         problem.empty() ? "there is room again: rows are written" : problem);
        writeFailed_ = false;
    } catch (const Error& e) {
        // Once for each problem, not for each row: a full disk stays full.
        problem = e.what();
        writeFailed_ = true;
        if (problem != writeProblem_)
            log::failure("capture-failed", e);
    }
    if (capture_.path() != before && !capture_.path().empty())
        log::info("capture-opened", "writing to " + capture_.path(), {{"STINKY_FILE", capture_.path()}});
    if (std::exchange(writeProblem_, problem) != problem)
        status_.changed();
}

void Scanner::sync() {
    syncArmed_ = false;
    try {
        capture_.sync();
    } catch (const Error& e) {
        log::failure("capture-failed", e);
    }
}

void Scanner::onGpsChange() {
    const double now = monotonicSeconds();
    const bool has = position(now).has_value();
    if (has != hadPosition_)
        log::info(has ? "position-found" : "position-lost",
                  has ? "gpsd has a position: sightings are written" : positionProblem(now));
    hadPosition_ = has;
    status_.changed();
}

void Scanner::checkSilence() {
    silence_.arm(silenceLimit);
    if (monotonicSeconds() - lastFrame_ >= static_cast<double>(silenceLimit.count()))
        status_.changed();
}

/// What is worth saying of the way from the air to the capture, with its state.
std::pair<PartState, std::string> Scanner::condition(double now) const {
    if (frames_ == 0)
        return {PartState::waiting, "no frame heard yet on " + place_.source()};
    if (now - lastFrame_ >= static_cast<double>(silenceLimit.count()))
        return {PartState::degraded,
                fmt::format("no frame on {} for more than {} s", place_.source(), silenceLimit.count())};
    if (!writeProblem_.empty())
        return {writeFailed_ ? PartState::fault : PartState::degraded, writeProblem_};
    if (const std::string noPosition = positionProblem(now); !noPosition.empty())
        return {PartState::waiting, noPosition};
    if (!standInFor_.empty())
        return {PartState::degraded, "capturing on " + place_.source() + " " + standInFor_};
    return {PartState::ok, "capturing on " + place_.source()};
}

PartReport Scanner::report() {
    const double now = monotonicSeconds();
    PartReport report;
    report.part = "scan";
    std::tie(report.state, report.reason) = condition(now);
    if (frames_ > 0)
        report.inputAge = now - lastFrame_;
    if (lastRow_ > 0)
        report.outputAge = now - lastRow_;
    nlohmann::json rejected = nlohmann::json::object();
    for (std::size_t i = 0; i < rejected_.size(); ++i)
        rejected[toString(static_cast<FrameReject>(i))] = rejected_.at(i);
    report.counters = {{"frames", frames_},
                       {"frames_dropped", source_->dropped()},
                       {"frames_rejected", rejected},
                       {"access_points", table_.size()},
                       {"access_points_last_minute", table_.heardSince(heard_ - (now - lastFrame_) - 60)},
                       {"access_points_let_go", table_.dropped()},
                       {"rows", capture_.rows()},
                       {"rows_withheld", capture_.withheld()},
                       {"captures_pruned", capture_.pruned()},
                       {"channels", hop_ ? hop_->channels() : 0},
                       {"capture", capture_.path()}};
    return report;
}

} // namespace stinky::scan
