#include "scan/scanner.h"

#include "common/atomic_file.h"
#include "common/error.h"
#include "common/log.h"
#include "common/text.h"
#include "scan/hopper.h"

#include <fmt/format.h>
#include <linux/nl80211.h>

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

std::vector<int> wantedChannels(const Config& config) {
    std::vector<int> wanted;
    if (config.text("CHANNELS") != "auto")
        for (const std::string& word : config.list("CHANNELS"))
            wanted.push_back(std::stoi(word));
    return wanted;
}

std::vector<std::uint32_t> sequenceFor(Nl80211& nl80211, const WifiInterface& interface,
                                       const Config& config) {
    if (interface.type != NL80211_IFTYPE_MONITOR)
        throw Error("scan on", interface.name,
                    "it is in type " + wifiTypeName(interface.type) + ", not monitor");
    for (const Wiphy& wiphy : nl80211.wiphys()) {
        if (wiphy.index != interface.wiphy)
            continue;
        auto sequence = hopSequence(wiphy.channels, wantedChannels(config));
        if (sequence.empty())
            throw Error("scan on", interface.name,
                        "none of CHANNELS=" + config.text("CHANNELS") + " is allowed on " + wiphy.name);
        return sequence;
    }
    throw Error("scan on", interface.name, "its radio is gone", ENODEV);
}

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
      interface_(nl80211_.interface(place_.interface)),
      sequence_(sequenceFor(nl80211_, interface_, config)),
      dwell_(config.number("CHANNEL_DWELL_MS")),
      table_(mostAccessPoints, static_cast<double>(config.number("WIGLE_THROTTLE"))),
      capture_(place_.captures, CaptureRules::of(config)),
      standInFor_(standInReason(place_.standIn)),
      hop_(loop.addTimer(dwell_ / 20, "next channel", [this] { tune(); })),
      silence_(loop.addTimer(std::chrono::seconds(1), "silence", [this] { checkSilence(); })),
      sync_(loop.addTimer(std::chrono::milliseconds(100), "capture to disk", [this] { sync(); })),
      source_(loop, place_.interface, [this](Bytes packet) { onFrame(packet); }),
      gps_(loop, config.text("GPSD"), [this] { onGpsChange(); }),
      status_(loop, place_.status, [this] { return report(); }) {
    lastFrame_ = monotonicSeconds();
    hop_.arm(std::chrono::seconds(0));
    silence_.arm(silenceLimit);
    log::info("scan-started",
              fmt::format("listening on {}, {} channels, {} ms each", place_.interface, sequence_.size(),
                          dwell_.count()),
              {{"STINKY_INTERFACE", place_.interface}});
}

void Scanner::tune() {
    const std::uint32_t frequency = sequence_[next_];
    next_ = (next_ + 1) % sequence_.size();
    try {
        nl80211_.setFrequency(interface_, frequency);
    } catch (const Error& e) {
        if (e.code() == ENODEV || e.code() == ENETDOWN)
            throw;
        // The regulatory domain may have changed, or the driver cannot do what it lists: go on without it.
        std::erase(sequence_, frequency);
        next_ = 0;
        log::warning("channel-dropped", e.what(), {{"STINKY_INTERFACE", place_.interface}});
        if (sequence_.empty())
            throw Error("scan on", place_.interface, "no channel is left: the radio refuses every one");
    }
    if (sequence_.size() > 1)
        hop_.arm(dwell_);
}

void Scanner::onFrame(Bytes packet) {
    ++frames_;
    lastFrame_ = monotonicSeconds();
    const auto result = parseBeacon(packet);
    if (const auto* reason = std::get_if<FrameReject>(&result)) {
        ++rejected_.at(static_cast<std::size_t>(*reason));
        if (*reason == FrameReject::badRadiotap || *reason == FrameReject::badFcs)
            return;
    } else {
        const auto row = table_.add(std::get<Sighting>(result), freshPosition(gps_.state(), lastFrame_),
                                    lastFrame_, std::time(nullptr));
        if (row)
            write(*row);
    }
    status_.ready();
    status_.counted();
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
    const bool has = freshPosition(gps_.state(), monotonicSeconds()).has_value();
    if (has != hadPosition_)
        log::info(has ? "position-found" : "position-lost",
                  has ? "gpsd has a position: sightings are written"
                      : positionProblem(gps_.state(), monotonicSeconds()));
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
        return {PartState::waiting, "no frame heard yet on " + place_.interface};
    if (now - lastFrame_ >= static_cast<double>(silenceLimit.count()))
        return {PartState::degraded,
                fmt::format("no frame on {} for more than {} s", place_.interface, silenceLimit.count())};
    if (!writeProblem_.empty())
        return {writeFailed_ ? PartState::fault : PartState::degraded, writeProblem_};
    if (const std::string noPosition = positionProblem(gps_.state(), now); !noPosition.empty())
        return {PartState::waiting, noPosition};
    if (!standInFor_.empty())
        return {PartState::degraded, "capturing on " + place_.interface + " " + standInFor_};
    return {PartState::ok, "capturing on " + place_.interface};
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
                       {"frames_dropped", source_.dropped()},
                       {"frames_rejected", rejected},
                       {"access_points", table_.size()},
                       {"access_points_last_minute", table_.heardSince(now - 60)},
                       {"access_points_let_go", table_.dropped()},
                       {"rows", capture_.rows()},
                       {"rows_withheld", capture_.withheld()},
                       {"captures_pruned", capture_.pruned()},
                       {"channels", sequence_.size()},
                       {"capture", capture_.path()}};
    return report;
}

} // namespace stinky::scan
