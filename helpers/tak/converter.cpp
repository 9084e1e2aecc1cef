#include "tak/converter.h"

#include "common/error.h"
#include "common/log.h"
#include "tak/cot.h"
#include "tak/health.h"
#include "tak/outputs/multicast_output.h"
#include "tak/outputs/print_output.h"
#include "tak/outputs/udp_output.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <random>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::size_t mostOutputs = 16; // bits of Track::queued
constexpr std::chrono::seconds keepInterval{10};
constexpr std::chrono::seconds replayPatience{30};
// What a socket says of a datagram that nobody wanted comes a moment later.
constexpr std::chrono::milliseconds testPatience{700};
// More history than this speaks for few positions, and takes a small machine seconds to read.
constexpr std::int64_t mostHistory = 64 << 20;

std::uint64_t randomSeed() {
    std::random_device random;
    return std::uint64_t{random()} << 32 | random();
}

std::unique_ptr<Output> makeOutput(EventLoop& loop, const OutputUrl& url, const Settings& settings,
                                   const StreamRules& rules, OutputEvents events) {
    switch (url.scheme) {
    case OutputUrl::Scheme::multicast:
        return std::make_unique<MulticastOutput>(loop, url, std::move(events));
    case OutputUrl::Scheme::udp:
        return std::make_unique<UdpOutput>(loop, url, rules.backoff, std::move(events));
    case OutputUrl::Scheme::tcp:
    case OutputUrl::Scheme::tls:
        break;
    }
    return std::make_unique<StreamOutput>(loop, url, tlsSettings(url, settings.tls), rules,
                                          std::move(events));
}

double processorSeconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double wallSeconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

} // namespace

Converter::Converter(EventLoop& loop, Settings settings, const StreamRules& rules)
    : loop_(loop),
      settings_(std::move(settings)),
      tracks_(settings_.rules, randomSeed()),
      writer_(settings_.node),
      checkpoints_(settings_.checkpoints) {
    keep_ = loop_.addTimer(std::chrono::seconds(1), "how far it read", [this] {
        keepArmed_ = false;
        keepPosition();
    });
    testDone_ =
        loop_.addTimer(std::chrono::milliseconds(50), "test of the outputs", [this] { answerTests(); });
    patience_ =
        loop_.addTimer(std::chrono::milliseconds(100), "patience", [this] { endReplay(EXIT_FAILURE); });
    status_ =
        std::make_unique<StatusReporter>(loop_, settings_.statusDirectory, [this] { return report(); });
    openOutputs(rules);
    if (settings_.beacon > 0 && settings_.replay.empty())
        beacon_ = std::make_unique<Beacon>(
            loop_, settings_.node, settings_.gpsd, std::chrono::seconds(settings_.beacon),
            [this] { return health(); },
            [this](const std::string& event) {
                for (const auto& sender : senders_)
                    sender->sendFirst(event);
            });
    if (!settings_.control.empty())
        control_ = std::make_unique<ControlSocket>(
            loop_, settings_.control, "stinky",
            [this](ControlSocket::Reply reply) { onTest(std::move(reply)); });
    if (settings_.replay.empty())
        followCaptures();
    else
        startReplay();
    // Ready is to follow a capture or to wait for one: the status says which.
    status_->ready();
}

void Converter::openOutputs(const StreamRules& rules) {
    const Sender::Events events{[this](Sender& sender) { onOutput(sender); },
                                [this] {
                                    onIdle();
                                }};
    if (settings_.print) {
        senders_.push_back(std::make_unique<Sender>(
            loop_, 0, "standard output", 0, tracks_, writer_,
            [](OutputEvents) { return std::make_unique<PrintOutput>(STDOUT_FILENO); }, events));
        return;
    }
    if (settings_.outputs.size() > mostOutputs)
        throw Error("use", "TAK_OUTPUTS=", "at most " + std::to_string(mostOutputs) + " outputs");
    for (const std::string& text : settings_.outputs) {
        const OutputUrl url = OutputUrl::parse(text);
        senders_.push_back(std::make_unique<Sender>(
            loop_, static_cast<unsigned>(senders_.size()), text, settings_.rate, tracks_, writer_,
            [&](OutputEvents said) { return makeOutput(loop_, url, settings_, rules, std::move(said)); },
            events));
        log::info("output-opened", "sending to " + text, {{"STINKY_OUTPUT", text}});
        onOutput(*senders_.back());
    }
    if (!senders_.empty())
        network_ = std::make_unique<NetworkWatch>(loop_, [this] {
            for (const auto& sender : senders_)
                sender->networkChanged();
        });
}

/// The tracks as they were, by the captures themselves: nothing else has to be kept.
void Converter::restore() {
    const double now = monotonicSeconds();
    const double wall = wallSeconds();
    CapturePosition done;
    for (const Checkpoint& checkpoint : checkpoints_.all()) {
        const CapturePosition& to = checkpoint.position;
        struct stat st = {};
        if (lstat(to.path.c_str(), &st) < 0 || st.st_ino != to.inode || st.st_size < to.offset)
            continue;
        if (to.inode != done.inode || to.path != done.path) {
            reader_ = {};
            done = {to.path, to.inode, std::max<std::int64_t>(0, to.offset - mostHistory)};
        }
        const double then = now - std::max(0.0, wall - checkpoint.time);
        try {
            readRange(to.path, done.offset, to.offset, [&](std::string_view line) {
                if (reader_.parse(line) == WigleReader::Line::row && reader_.row().type == "WIFI")
                    if (const auto slot = tracks_.see(reader_.row(), then))
                        tracks_.markSent(*slot, then);
            });
        } catch (const Error& e) {
            log::failure("history-lost", e);
        }
        done = to;
    }
    // Whether their events arrived before the end nobody knows: those on the maps now are sent again.
    tracks_.forEachCurrent(now, [&](Tracks::Slot slot) {
        tracks_.markSent(slot, now);
        for (const auto& sender : senders_)
            sender->queue(slot);
    });
    if (tracks_.size() > 0)
        log::info("tracks-restored",
                  "knows " + std::to_string(tracks_.size()) + " access points from before");
}

void Converter::followCaptures() {
    restore();
    CaptureFollower::Options options;
    options.directory = settings_.captures;
    options.only = settings_.only;
    // A file that is named is wanted as a whole.
    options.oldAfter = settings_.only.empty()
                           ? std::chrono::seconds(static_cast<long>(staleSeconds))
                           : std::chrono::seconds(std::numeric_limits<std::int32_t>::max());
    if (!checkpoints_.all().empty())
        options.resumeAt = checkpoints_.all().back().position;
    follower_ = std::make_unique<CaptureFollower>(
        loop_, options,
        CaptureFollower::Callbacks{[this](const std::string& path, bool resumed) { onFile(path, resumed); },
                                   [this](std::string_view line) { onLine(line); },
                                   [this] {
                                       onPause();
                                   }});
}

void Converter::startReplay() {
    onFile(settings_.replay, false);
    replayStart_ = monotonicSeconds();
    replayBegan_ = processorSeconds();
    replay_ = std::make_unique<Replay>(
        loop_, settings_.replay, settings_.speed,
        Replay::Callbacks{[this](std::string_view line) { onLine(line); },
                          [this](std::string_view line) { return recordedAt(line); }, [this] { onPause(); },
                          [this] {
                              onReplayEnd();
                          }});
}

double Converter::recordedAt(std::string_view line) {
    if (reader_.parse(line) == WigleReader::Line::row)
        recorded_ = std::max(recorded_, recordedTime(reader_.row().firstSeen));
    return recorded_;
}

void Converter::onFile(const std::string& path, bool resumed) {
    file_ = path;
    if (!resumed)
        reader_ = {};
    if (path.empty())
        log::info("capture-awaited", "no capture in " + settings_.captures + " yet: waiting for one");
    else
        log::info("capture-followed", (resumed ? "going on with " : "following ") + path,
                  {{"STINKY_FILE", path}});
    status_->changed();
}

void Converter::onLine(std::string_view line) {
    // One time for all that came together.
    if (now_ == 0)
        now_ = monotonicSeconds();
    switch (reader_.parse(line)) {
    case WigleReader::Line::row:
        take(reader_.row(), now_);
        break;
    case WigleReader::Line::rejected:
        ++rejected_[static_cast<std::size_t>(reader_.reject())];
        break;
    case WigleReader::Line::skipped:
        break;
    }
}

void Converter::take(const WigleView& row, double now) {
    ++rows_;
    lastRow_ = now;
    lastLatitude_ = row.latitude;
    lastLongitude_ = row.longitude;
    if (row.type != "WIFI")
        return;
    const auto slot = tracks_.see(row, now);
    if (!slot)
        return;
    tracks_.markSent(*slot, now);
    for (const auto& sender : senders_)
        sender->queue(*slot);
}

void Converter::onPause() {
    const bool rows = std::exchange(now_, 0) != 0;
    for (const auto& sender : senders_)
        sender->pump();
    if (!rows)
        return;
    // Only the first access point and the outputs change the state.
    if (std::exchange(known_, tracks_.size()) == 0)
        status_->changed();
    else
        status_->counted();
    if (!checkpoints_.enabled() || std::exchange(keepArmed_, true))
        return;
    keep_.arm(keepInterval);
}

void Converter::keepPosition() {
    if (!follower_ || follower_->path().empty() || !checkpoints_.enabled())
        return;
    try {
        checkpoints_.add({wallSeconds(), follower_->position()});
    } catch (const Error& e) {
        log::failure("position-not-kept", e);
    }
}

void Converter::finish() {
    if (lastRow_ > 0)
        keepPosition();
}

void Converter::onReplayEnd() {
    replayed_ = true;
    patience_.arm(replayPatience);
    onIdle();
}

void Converter::onIdle() {
    if (replayed_ &&
        std::all_of(senders_.begin(), senders_.end(), [](const auto& sender) { return sender->idle(); }))
        endReplay(EXIT_SUCCESS);
}

void Converter::endReplay(int code) {
    std::uint64_t sent = 0;
    for (const auto& sender : senders_) {
        sent += sender->status().sent;
        if (!sender->idle())
            log::error("replay-unsent", "not everything was sent to " + sender->url() + " in " +
                                            std::to_string(replayPatience.count()) +
                                            " s: " + sender->status().problem);
    }
    log::info(
        "replay-ended",
        fmt::format("{} rows, {} access points, {} events in {:.3f} s, {:.3f} s of them on the processor",
                    rows_, tracks_.size(), sent, monotonicSeconds() - replayStart_,
                    processorSeconds() - replayBegan_));
    replayed_ = false;
    loop_.exit(code);
}

void Converter::onOutput(Sender& sender) {
    // The journal hears of a change, not of every datagram.
    const OutputStatus& now = sender.status();
    if (now.up)
        log::info("output-works", "sending to " + sender.url() + " works",
                  {{"STINKY_OUTPUT", sender.url()}});
    else if (!now.lastError.empty())
        log::warning("output-failed", now.problem, {{"STINKY_OUTPUT", sender.url()}});
    status_->changed();
}

std::optional<OwnPosition> Converter::position() const {
    if (beacon_)
        if (const auto here = beacon_->position())
            return here;
    if (lastRow_ == 0)
        return std::nullopt;
    OwnPosition here;
    here.latitude = lastLatitude_;
    here.longitude = lastLongitude_;
    return here;
}

Health Converter::health() const {
    const double now = monotonicSeconds();
    std::vector<PartAge> parts = readReports(settings_.statusDirectory, "tak", now);
    parts.push_back({report(), 0});
    return summarise(std::move(parts));
}

void Converter::onTest(ControlSocket::Reply reply) {
    testReplies_.push_back(std::move(reply));
    if (testReplies_.size() > 1)
        return;
    const std::string event = testEvent(settings_.node, position(), std::chrono::system_clock::now());
    testTaken_.clear();
    for (const auto& sender : senders_)
        testTaken_.push_back(sender->sendNow(event));
    testDone_.arm(testPatience);
}

void Converter::answerTests() {
    nlohmann::json outputs = nlohmann::json::array();
    for (std::size_t i = 0; i < senders_.size(); ++i) {
        const OutputStatus& status = senders_[i]->status();
        const bool sent = testTaken_[i] && status.up;
        outputs.push_back({{"url", senders_[i]->url()},
                           {"sent", sent},
                           {"problem", sent                     ? ""
                                       : status.problem.empty() ? "its queue is full"
                                                                : status.problem}});
    }
    const std::string answer =
        nlohmann::json{{"outputs", outputs}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    for (const auto& reply : std::exchange(testReplies_, {}))
        reply(answer);
}

PartReport Converter::report() const {
    const double now = monotonicSeconds();
    PartReport report;
    report.part = "tak";
    const auto failing = std::find_if(senders_.begin(), senders_.end(),
                                      [](const auto& sender) { return !sender->status().problem.empty(); });
    std::uint64_t sent = 0;
    nlohmann::json outputs = nlohmann::json::array();
    for (const auto& sender : senders_) {
        sent += sender->status().sent;
        outputs.push_back(sender->report(now));
    }
    if (failing != senders_.end()) {
        report.state = PartState::degraded;
        report.reason = (*failing)->status().problem;
    } else if (senders_.empty()) {
        report.state = PartState::degraded;
        report.reason = "TAK_OUTPUTS= is empty: nothing is sent";
    } else if (file_.empty()) {
        report.state = PartState::waiting;
        report.reason = "waiting for a capture in " + settings_.captures;
    } else if (tracks_.size() == 0) {
        report.state = PartState::waiting;
        report.reason = "waiting for access points";
    } else {
        report.state = PartState::ok;
        report.reason = "sending to " + std::to_string(senders_.size()) +
                        (senders_.size() == 1 ? " output" : " outputs");
    }
    if (lastRow_ > 0)
        report.inputAge = now - lastRow_;
    nlohmann::json rejected = nlohmann::json::object();
    for (std::size_t i = 0; i < rejected_.size(); ++i)
        rejected[toString(static_cast<WigleReject>(i))] = rejected_.at(i);
    if (follower_)
        rejected["line without end"] = follower_->overlong();
    report.counters = {{"rows", rows_},
                       {"rows_rejected", rejected},
                       {"tracks", tracks_.size()},
                       {"tracks_let_go", tracks_.letGo()},
                       {"rows_of_clients_left_out", tracks_.clientsLeftOut()},
                       {"events", sent},
                       {"outputs", outputs},
                       {"capture", file_}};
    return report;
}

} // namespace stinky::tak
