#include "common/gpsd_client.h"

#include "common/fd.h"
#include "common/part_status.h"

#include <gps.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace stinky {
namespace {

constexpr std::chrono::seconds firstBackoff{1};
constexpr std::chrono::seconds longestBackoff{30};
// Receivers report every second: after this a position is stale (freshFixSeconds).
constexpr std::chrono::seconds silenceLimit{6};
constexpr std::chrono::seconds answerLimit{5};
constexpr std::size_t longestLine = 20480; // twice what gpsd makes of one, as libgps takes it

std::optional<double> finite(double value) noexcept {
    return std::isfinite(value) ? std::optional<double>(value) : std::nullopt;
}

GpsFix toFix(const gps_fix_t& fix) {
    GpsFix result;
    result.mode = fix.mode;
    result.latitude = fix.latitude;
    result.longitude = fix.longitude;
    result.altitudeMsl = finite(fix.altMSL);
    result.altitudeHae = finite(fix.altHAE);
    result.eph = finite(fix.eph);
    result.epv = finite(fix.epv);
    result.speed = finite(fix.speed);
    result.track = finite(fix.track);
    if (fix.time.tv_sec > 0)
        result.time = static_cast<double>(fix.time.tv_sec) + static_cast<double>(fix.time.tv_nsec) / 1e9;
    result.monotonic = monotonicSeconds();
    const bool sane = std::abs(fix.latitude) <= 90 && std::abs(fix.longitude) <= 180;
    if (!sane) // also NaN
        result.mode = std::min(result.mode, 1);
    return result;
}

void describe(const devconfig_t& device, GpsState& state) {
    state.devices.insert(device.path);
    GpsReceiver& receiver = state.receivers[device.path];
    if (device.driver[0] != '\0')
        receiver.driver = device.driver;
    if (device.baudrate > 0)
        receiver.baud = device.baudrate;
}

} // namespace

/// One connection. libgps reads what comes over it and does not make it: gps_open() waits for name servers
/// and for gpsd, and all of a program's loop would wait with it. Its structure is large (all of gpsd's
/// protocols), so it lives on the heap.
struct GpsdClient::Connection {
    gps_data_t data = {};
    Fd socket;
    std::string line; ///< what came of one that is not whole

    /// The errno value; 0 when the socket tells by becoming writable.
    int open(const std::string& host, const std::string& port) {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        std::uint16_t number = 0;
        std::from_chars(port.data(), port.data() + port.size(), number);
        address.sin_port = htons(number);
        if (inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(), &address.sin_addr) != 1)
            return EADDRNOTAVAIL;
        socket = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        const auto* generic = reinterpret_cast<const sockaddr*>(&address);
        if (!socket || (::connect(socket.get(), generic, sizeof address) < 0 && errno != EINPROGRESS))
            return errno;
        return 0;
    }

    /// The few words that are said to gpsd fit into any socket that works.
    bool say(std::string_view text) const {
        return send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(text.size());
    }
};

std::optional<GpsFix> freshPosition(const GpsState& state, double monotonic) noexcept {
    if (!state.connected || !state.fix.hasPosition() || monotonic - state.fix.monotonic > freshFixSeconds)
        return std::nullopt;
    return state.fix;
}

std::string positionProblem(const GpsState& state, double monotonic) {
    if (!state.connected || !state.answered)
        return "no position: gpsd does not answer" +
               (state.problem.empty() ? "" : " (" + state.problem + ")");
    if (state.devices.empty())
        return "no position: no GPS receiver, plug one in";
    if (!freshPosition(state, monotonic))
        return "no position: waiting for a GPS fix";
    return {};
}

GpsdClient::GpsdClient(EventLoop& loop, const std::string& endpoint, std::function<void()> changed)
    : loop_(loop), changed_(std::move(changed)), backoff_(firstBackoff) {
    const auto colon = endpoint.rfind(':');
    host_ = endpoint.substr(0, colon);
    port_ = colon == std::string::npos ? DEFAULT_GPSD_PORT : endpoint.substr(colon + 1);
    retry_ = loop.addTimer(std::chrono::milliseconds(500), "gpsd reconnect", [this] { connect(); });
    silence_ = loop.addTimer(std::chrono::milliseconds(500), "silence of gpsd", [this] { onSilence(); });
    retry_.arm(std::chrono::seconds(0));
}

GpsdClient::~GpsdClient() = default;

void GpsdClient::connect() {
    connection_ = std::make_unique<Connection>();
    if (const int err = connection_->open(host_, port_); err != 0) {
        loseConnect(err);
        return;
    }
    silence_.arm(answerLimit);
    writable_ = loop_.addIo(connection_->socket.get(), EPOLLOUT, "connect to gpsd",
                            [this](std::uint32_t) { onConnected(); });
}

void GpsdClient::onConnected() {
    writable_.reset();
    int err = 0;
    socklen_t length = sizeof err;
    if (getsockopt(connection_->socket.get(), SOL_SOCKET, SO_ERROR, &err, &length) < 0)
        err = errno;
    if (err != 0) {
        loseConnect(err);
        return;
    }
    if (!connection_->say("?WATCH={\"enable\":true,\"json\":true};\r\n")) {
        lose("gpsd closed the connection");
        return;
    }
    readable_ =
        loop_.addIo(connection_->socket.get(), EPOLLIN, "gpsd", [this](std::uint32_t) { receive(); });
    state_ = {};
    state_.connected = true;
    described_ = false;
    // It greets whoever connects.
    asked_ = true;
    silence_.arm(answerLimit);
    changed_();
}

void GpsdClient::retryNow() {
    backoff_ = firstBackoff;
    if (!connection_)
        retry_.arm(std::chrono::seconds(0));
}

void GpsdClient::onSilence() {
    if (!state_.connected) {
        loseConnect(ETIMEDOUT);
        return;
    }
    if (asked_) {
        lose("nothing was heard from it");
        return;
    }
    // Without a receiver there is nothing to say, and a gpsd that hangs says the same. The list it is asked
    // for tells which receivers are left: of one that its control socket took away, gpsd tells nobody.
    asked_ = true;
    silence_.arm(answerLimit);
    if (!connection_->say("?DEVICES;\r\n"))
        lose("gpsd closed the connection");
    else
        changed_(); // the last position has become an old one
}

void GpsdClient::loseConnect(int err) {
    lose("connect to " + host_ + ":" + port_ + " failed: " + std::strerror(err));
}

void GpsdClient::lose(const std::string& problem) {
    writable_.reset();
    readable_.reset();
    connection_.reset();
    silence_.disarm();
    state_ = {};
    state_.problem = problem;
    retry_.arm(backoff_);
    backoff_ = std::min(backoff_ * 2, longestBackoff);
    changed_();
}

// Once for each turn of the loop: a gpsd that says more and more does not keep the others waiting.
void GpsdClient::receive() {
    std::array<char, 8192> bytes = {};
    const ssize_t n = recv(connection_->socket.get(), bytes.data(), bytes.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        lose("gpsd closed the connection");
        return;
    }
    std::string& line = connection_->line;
    for (const char c : std::string_view(bytes.data(), static_cast<std::size_t>(n))) {
        if (c != '\n') {
            line += c;
            continue;
        }
        take(line);
        line.clear();
    }
    if (line.size() > longestLine)
        lose("what it says is no gpsd's");
}

void GpsdClient::take(std::string& line) {
    gps_data_t& data = connection_->data;
    data.set = 0;
    gps_unpack(line.data(), &data);
    backoff_ = firstBackoff;
    // It greets with its version; what it has comes with the next line.
    state_.answered = state_.answered || (data.set & VERSION_SET) == 0;
    asked_ = false;
    silence_.arm(silenceLimit);
    const std::size_t before = state_.devices.size();
    apply(data);
    described_ = described_ && state_.devices.size() == before;
    // A receiver that was just handed over is listed before gpsd knows its protocol and speed, and it does
    // not tell them by itself when it does.
    if ((data.set & MODE_SET) != 0 && !std::exchange(described_, true))
        connection_->say("?DEVICES;\r\n"); // a lost connection is noticed by the next read
    changed_();
}

void GpsdClient::apply(const gps_data_t& data) {
    if ((data.set & DEVICELIST_SET) != 0) {
        state_.devices.clear();
        state_.receivers.clear();
        for (int i = 0; i < std::min<int>(data.devices.ndevices, MAXUSERDEVS); ++i)
            describe(data.devices.list[i], state_);
        if (state_.devices.empty()) {
            state_.fix = {};
            state_.satellitesSeen = 0;
            state_.satellitesUsed = 0;
            state_.satellites.clear();
        }
    }
    if ((data.set & DEVICE_SET) != 0 && data.dev.path[0] != '\0')
        describe(data.dev, state_);
    if ((data.set & MODE_SET) != 0)
        state_.fix = toFix(data.fix);
    if ((data.set & SATELLITE_SET) != 0) {
        state_.satellitesSeen = data.satellites_visible;
        state_.satellitesUsed = data.satellites_used;
        applySatellites(data);
    }
}

void GpsdClient::applySatellites(const gps_data_t& data) {
    state_.satellites.clear();
    for (int i = 0; i < std::min({data.satellites_visible, MAXCHANNELS, mostSatellites}); ++i) {
        const satellite_t& from = data.skyview[i];
        GpsSatellite satellite;
        satellite.prn = from.PRN;
        satellite.gnss = from.gnssid;
        satellite.elevation = finite(from.elevation);
        satellite.azimuth = finite(from.azimuth);
        if (from.ss >= 0) // -1 and NaN: not known
            satellite.signal = from.ss;
        satellite.used = from.used;
        state_.satellites.push_back(satellite);
    }
}

} // namespace stinky
