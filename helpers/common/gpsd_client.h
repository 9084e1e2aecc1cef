#pragma once

#include "common/event_loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

struct gps_data_t;

namespace stinky {

/// What gpsd says of one moment (gpsd_json(5), class TPV). Fields that it leaves out are empty.
struct GpsFix {
    int mode = 0;                      ///< 0 and 1: none, 2: 2D, 3: 3D
    double latitude = 0;               ///< degrees, valid from mode 2
    double longitude = 0;              ///< degrees, valid from mode 2
    std::optional<double> altitudeMsl; ///< m above mean sea level
    std::optional<double> altitudeHae; ///< m above the WGS 84 ellipsoid
    std::optional<double> eph;         ///< m, estimated horizontal error
    std::optional<double> epv;         ///< m, estimated vertical error
    std::optional<double> speed;       ///< m/s
    std::optional<double> track;       ///< degrees from true north
    double monotonic = 0;              ///< CLOCK_MONOTONIC when it was received, s

    bool hasPosition() const noexcept { return mode >= 2; }
};

/// What is known of gpsd right now.
struct GpsState {
    bool connected = false;
    std::string problem;           ///< why not connected
    std::set<std::string> devices; ///< paths of active receivers
    GpsFix fix;
    int satellitesSeen = 0;
    int satellitesUsed = 0;
};

/// A position older than this is where we were, not where we are: receivers report at least once a second.
inline constexpr double freshFixSeconds = 5.0;

/// The position at `monotonic` seconds, when there is a fresh one.
std::optional<GpsFix> freshPosition(const GpsState& state, double monotonic) noexcept;

/// For people: "no position: gpsd does not answer", "... no GPS receiver", "... waiting for a GPS fix";
/// empty when there is a position.
std::string positionProblem(const GpsState& state, double monotonic);

/// A client of gpsd on the event loop, by libgps. Connects by itself and again after a loss (1 s, doubling
/// to 30 s).
class GpsdClient {
public:
    /// `endpoint`: "127.0.0.1:2947". `changed` is called after each report and each change of the
    /// connection.
    GpsdClient(EventLoop& loop, const std::string& endpoint, std::function<void()> changed);
    ~GpsdClient();
    GpsdClient(const GpsdClient&) = delete;
    GpsdClient& operator=(const GpsdClient&) = delete;

    const GpsState& state() const noexcept { return state_; }

private:
    struct Connection;
    void connect();
    void lose(const std::string& problem);
    void receive();
    void apply(const gps_data_t& data);

    EventLoop& loop_;
    std::string host_;
    std::string port_;
    std::function<void()> changed_;
    GpsState state_;
    std::unique_ptr<Connection> connection_;
    EventSource readable_;
    Timer retry_;
    std::chrono::seconds backoff_;
};

} // namespace stinky
