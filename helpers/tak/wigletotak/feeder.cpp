#include "tak/wigletotak/feeder.h"

#include "common/error.h"
#include "common/log.h"
#include "common/text.h"
#include "tak/outputs/output_url.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <random>
#include <utility>

namespace stinky::tak {
namespace {

constexpr std::size_t longestName = 48;

/// It can send to one host, and to the group of which every client is a member.
void configure(const Original& original, const std::vector<std::string>& outputs) {
    bool multicast = false;
    std::string host;
    std::string port;
    for (const std::string& text : outputs) {
        const OutputUrl url = OutputUrl::parse(text);
        if (url.scheme == OutputUrl::Scheme::multicast) {
            multicast = true;
        } else if (url.scheme == OutputUrl::Scheme::udp && host.empty()) {
            host = url.host;
            port = std::to_string(url.port);
        } else {
            log::warning("output-unknown", "WigleToTAK cannot send to " + text, {{"STINKY_OUTPUT", text}});
        }
    }
    original.configure(multicast, host, port);
}

} // namespace

WigleRow rowForOriginal(const Track& track) {
    WigleRow row;
    row.bssid = track.bssid;
    row.ssid = xmlEscape(displayText(track.ssid.view(), longestName));
    for (std::size_t at = 0; (at = row.ssid.find(',', at)) != std::string::npos; ++at)
        row.ssid.replace(at, 1, "&#44;");
    if (row.ssid.empty())
        row.ssid = track.bssid.toString();
    row.authMode = xmlEscape(displayText(track.authMode, longestName));
    std::replace(row.authMode.begin(), row.authMode.end(), ',', ' ');
    row.firstSeen = "1970-01-01 00:00:00"; // a part of its uid: the same for ever
    row.channel = track.channel;
    row.rssi = -track.rssi;
    row.latitude = track.estimate.latitude();
    row.longitude = track.estimate.longitude();
    row.accuracy = track.estimate.error();
    row.type = "WIFI";
    return row;
}

Feeder::Feeder(EventLoop& loop, const Settings& settings, std::string directory, const std::string& url)
    : directory_(std::move(directory)), original_(url), tracks_(settings.rules, std::random_device{}()) {
    status_ = std::make_unique<StatusReporter>(loop, settings.statusDirectory, [this] { return report(); });
    configure(original_, settings.outputs);
    CaptureFollower::Options options;
    options.directory = settings.captures;
    follower_ = std::make_unique<CaptureFollower>(
        loop, options,
        CaptureFollower::Callbacks{[this](const std::string& path, bool) { onFile(path); },
                                   [this](std::string_view line) { onLine(line); },
                                   [this] {
                                       onPause();
                                   }});
    status_->ready();
}

void Feeder::onFile(const std::string& path) {
    reader_ = {};
    capture_ = path;
    text_.clear();
    status_->changed();
    if (path.empty())
        return;
    const std::string before = std::exchange(fed_, std::filesystem::path(path).filename());
    const std::string target = directory_ + "/" + fed_;
    file_ = Fd(open(target.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640));
    if (!file_)
        throw Error::fromErrno("write", target, errno);
    text_ = wigleHeader14(STINKY_VERSION);
    onPause();
    original_.broadcast(directory_, fed_);
    if (!before.empty() && before != fed_)
        unlink((directory_ + "/" + before).c_str());
    log::info("capture-followed", "WigleToTAK broadcasts " + path, {{"STINKY_FILE", path}});
}

void Feeder::onLine(std::string_view line) {
    if (reader_.parse(line) != WigleReader::Line::row || reader_.row().type != "WIFI")
        return;
    ++rows_;
    lastRow_ = monotonicSeconds();
    const bool known = tracks_.size() > 0;
    const auto slot = tracks_.see(reader_.row(), lastRow_);
    if (!slot)
        return;
    tracks_.markSent(*slot, lastRow_);
    const Track& track = tracks_.at(*slot);
    if (track.highlight != 0 && track.sightings == 1)
        original_.highlight(track.bssid.toString(), track.highlight);
    const WigleRow row = rowForOriginal(track);
    // Not wigleLine14(): it would escape what the original copies as it is.
    text_ += row.bssid.toString() + "," + row.ssid + "," + row.authMode + "," + row.firstSeen + "," +
             std::to_string(row.channel) + "," + std::to_string(row.rssi) + ",";
    WigleRow numbers = row;
    numbers.ssid.clear();
    numbers.authMode.clear();
    numbers.firstSeen.clear();
    const std::string rest = wigleLine14(numbers);
    // Behind "bssid,,,,channel,rssi,".
    std::size_t at = 0;
    for (int comma = 0; comma < 6; ++comma)
        at = rest.find(',', at) + 1;
    text_ += rest.substr(at);
    ++written_;
    if (!known)
        status_->changed();
}

void Feeder::onPause() {
    std::string_view left = text_;
    while (file_ && !left.empty()) {
        const ssize_t n = write(file_.get(), left.data(), left.size());
        if (n < 0 && errno != EINTR)
            throw Error::fromErrno("write", directory_ + "/" + fed_, errno);
        left.remove_prefix(n > 0 ? static_cast<std::size_t>(n) : 0);
    }
    text_.clear();
    status_->counted();
}

PartReport Feeder::report() const {
    PartReport report;
    report.part = "tak";
    report.state = tracks_.size() > 0 ? PartState::ok : PartState::waiting;
    report.reason = capture_.empty()     ? "waiting for a capture"
                    : tracks_.size() > 0 ? "WigleToTAK sends"
                                         : "waiting for access points";
    if (lastRow_ > 0)
        report.inputAge = monotonicSeconds() - lastRow_;
    report.counters = {
        {"rows", rows_}, {"tracks", tracks_.size()}, {"events", written_}, {"capture", capture_}};
    return report;
}

} // namespace stinky::tak
