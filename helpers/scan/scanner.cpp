#include "scan/scanner.h"

#include "common/error.h"
#include "common/log.h"
#include "scan/hopper.h"

#include <fmt/format.h>
#include <linux/nl80211.h>

#include <ctime>
#include <utility>

namespace stinky::scan {
namespace {

constexpr std::size_t mostAccessPoints = 50000;
// Beacons come ten times a second from every access point: this long without any is worth a word.
constexpr std::chrono::seconds silenceLimit{30};

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

} // namespace

Scanner::Scanner(EventLoop& loop, const Config& config, ScannerPlace place)
    : place_(std::move(place)),
      loop_(loop),
      interface_(nl80211_.interface(place_.interface)),
      sequence_(sequenceFor(nl80211_, interface_, config)),
      dwell_(config.number("CHANNEL_DWELL_MS")),
      table_(mostAccessPoints, static_cast<double>(config.number("WIGLE_THROTTLE"))),
      hop_(loop.addTimer(dwell_ / 20, "next channel", [this] { tune(); })),
      silence_(loop.addTimer(std::chrono::seconds(1), "silence", [this] { checkSilence(); })),
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
                                    lastFrame_, utcText(std::time(nullptr)));
        if (row)
            write(*row);
    }
    status_.ready();
    status_.counted();
}

void Scanner::write(const WigleRow& row) {
    try {
        if (!capture_) {
            capture_.emplace(place_.captures, std::time(nullptr));
            log::info("capture-opened", "writing to " + capture_->path(),
                      {{"STINKY_FILE", capture_->path()}});
        }
        capture_->append(row);
        lastRow_ = monotonicSeconds();
        if (!std::exchange(writeProblem_, {}).empty())
            status_.changed();
    } catch (const Error& e) {
        // Once for each problem, not for each row: a full disk stays full.
        if (std::exchange(writeProblem_, e.what()) != e.what())
            log::failure("capture-failed", e);
        status_.changed();
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

PartReport Scanner::report() {
    const double now = monotonicSeconds();
    PartReport report;
    report.part = "scan";
    const std::string noPosition = positionProblem(gps_.state(), now);
    if (frames_ == 0) {
        report.state = PartState::waiting;
        report.reason = "no frame heard yet on " + place_.interface;
    } else if (now - lastFrame_ >= static_cast<double>(silenceLimit.count())) {
        report.state = PartState::degraded;
        report.reason =
            fmt::format("no frame on {} for more than {} s", place_.interface, silenceLimit.count());
    } else if (!writeProblem_.empty()) {
        report.state = PartState::fault;
        report.reason = writeProblem_;
    } else if (!noPosition.empty()) {
        report.state = PartState::waiting;
        report.reason = noPosition;
    } else {
        report.state = PartState::ok;
        report.reason = "capturing on " + place_.interface;
    }
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
                       {"rows", capture_ ? capture_->rows() : 0},
                       {"channels", sequence_.size()},
                       {"capture", capture_ ? capture_->path() : ""}};
    return report;
}

} // namespace stinky::scan
