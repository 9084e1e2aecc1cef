#include "common/gpsd_client.h"

#include "common/error.h"
#include "common/part_status.h"

#include <gps.h>

#include <fcntl.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <utility>

namespace stinky {
namespace {

constexpr std::chrono::seconds firstBackoff{1};
constexpr std::chrono::seconds longestBackoff{30};
// Receivers report every second: after this a position is stale (freshFixSeconds).
constexpr std::chrono::seconds silenceLimit{6};
constexpr std::chrono::seconds answerLimit{5};

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

/// One connection of libgps. Its structure is large (all of gpsd's protocols), so it lives on the heap.
struct GpsdClient::Connection {
    gps_data_t data = {};
    bool open = false;

    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    ~Connection() {
        if (open)
            gps_close(&data);
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
    auto connection = std::make_unique<Connection>();
    if (gps_open(host_.c_str(), port_.c_str(), &connection->data) != 0) {
        lose(std::string("connect to ") + host_ + ":" + port_ + " failed");
        return;
    }
    connection->open = true;
    // gps_read() would otherwise block on a line that has not arrived whole.
    const int fd = connection->data.gps_fd;
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (gps_stream(&connection->data, WATCH_ENABLE | WATCH_JSON, nullptr) < 0) {
        lose("gpsd closed the connection");
        return;
    }
    connection_ = std::move(connection);
    readable_ = loop_.addIo(fd, EPOLLIN, "gpsd", [this](std::uint32_t) { receive(); });
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
    if (asked_) {
        lose("nothing was heard from it");
        return;
    }
    // Without a receiver there is nothing to say, and a gpsd that hangs says the same. The list it is asked
    // for tells which receivers are left: of one that its control socket took away, gpsd tells nobody.
    asked_ = true;
    silence_.arm(answerLimit);
    if (gps_send(&connection_->data, "?DEVICES;\r\n") < 0)
        lose("gpsd closed the connection");
    else
        changed_(); // the last position has become an old one
}

void GpsdClient::lose(const std::string& problem) {
    readable_.reset();
    connection_.reset();
    silence_.disarm();
    state_ = {};
    state_.problem = problem;
    retry_.arm(backoff_);
    backoff_ = std::min(backoff_ * 2, longestBackoff);
    changed_();
}

void GpsdClient::receive() {
    for (;;) {
        gps_data_t& data = connection_->data;
        data.set = 0;
        const int r = gps_read(&data, nullptr, 0);
        if (r < 0) {
            lose("gpsd closed the connection");
            return;
        }
        if (r == 0)
            return;
        backoff_ = firstBackoff;
        // It greets with its version; what it has comes with the next line.
        state_.answered = state_.answered || (data.set & VERSION_SET) == 0;
        asked_ = false;
        silence_.arm(silenceLimit);
        const std::size_t before = state_.devices.size();
        apply(data);
        described_ = described_ && state_.devices.size() == before;
        // A receiver that was just handed over is listed before gpsd knows its protocol and speed, and it
        // does not tell them by itself when it does.
        if ((data.set & MODE_SET) != 0 && !std::exchange(described_, true))
            gps_send(&data, "?DEVICES;\r\n"); // a lost connection is noticed by the next read
        changed_();
    }
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
