#pragma once

#include "common/event_loop.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
    std::optional<double> time;        ///< UTC as the receiver tells it, s since 1970
    double monotonic = 0;              ///< CLOCK_MONOTONIC when it was received, s

    bool hasPosition() const noexcept { return mode >= 2; }
};

/// What gpsd says of one satellite (class SKY).
struct GpsSatellite {
    int prn = 0;                     ///< as in NMEA 0183
    int gnss = 0;                    ///< 0 GPS, 1 SBAS, 2 Galileo, 3 BeiDou, 5 QZSS, 6 GLONASS
    std::optional<double> elevation; ///< degrees above the horizon
    std::optional<double> azimuth;   ///< degrees from true north
    std::optional<double> signal;    ///< dB-Hz
    bool used = false;               ///< in the fix
};

/// What gpsd says of a receiver (class DEVICE). Empty and 0 where it does not know yet.
struct GpsReceiver {
    std::string driver; ///< the protocol: "NMEA0183", "u-blox"
    unsigned baud = 0;  ///< bit/s
};

/// What is known of gpsd right now.
struct GpsState {
    bool connected = false;
    bool answered = false;         ///< it has said something on this connection: systemd's socket takes any
    std::string problem;           ///< why not connected
    std::set<std::string> devices; ///< paths of active receivers
    std::map<std::string, GpsReceiver> receivers; ///< by path, for those that it described
    GpsFix fix;
    int satellitesSeen = 0;
    int satellitesUsed = 0;
    std::vector<GpsSatellite> satellites; ///< at most mostSatellites
};

/// No receiver sees more; what a broken gpsd says is cut.
inline constexpr int mostSatellites = 140;

/// A position older than this is where we were, not where we are: receivers report at least once a second.
inline constexpr double freshFixSeconds = 5.0;

/// The position at `monotonic` seconds, when there is a fresh one.
std::optional<GpsFix> freshPosition(const GpsState& state, double monotonic) noexcept;

/// For people: "no position: gpsd does not answer", "... no GPS receiver", "... waiting for a GPS fix";
/// empty when there is a position.
std::string positionProblem(const GpsState& state, double monotonic);

/// A client of gpsd on the event loop, which never waits for it; libgps reads what it says. Connects by
/// itself and again after a loss (1 s, doubling to 30 s). A gpsd that is silent for 6 s is asked for its
/// receivers; one that does not answer, or takes no connection, within 5 s is lost.
class GpsdClient {
public:
    /// `endpoint`: "127.0.0.1:2947" or "localhost:2947"; no other name, for names are looked up by waiting.
    /// `changed` is called after each report and each change of the
    /// connection.
    GpsdClient(EventLoop& loop, const std::string& endpoint, std::function<void()> changed);
    ~GpsdClient();
    GpsdClient(const GpsdClient&) = delete;
    GpsdClient& operator=(const GpsdClient&) = delete;

    const GpsState& state() const noexcept { return state_; }

    /// Tries at once where it would have waited: something was done about gpsd.
    void retryNow();

private:
    struct Connection;
    void connect();
    void onConnected();
    void loseConnect(int err);
    void lose(const std::string& problem);
    void receive();
    void take(std::string& line);
    void apply(const gps_data_t& data);
    void applySatellites(const gps_data_t& data);
    void onSilence();

    EventLoop& loop_;
    std::string host_;
    std::string port_;
    std::function<void()> changed_;
    GpsState state_;
    std::unique_ptr<Connection> connection_;
    EventSource writable_; ///< while it connects
    EventSource readable_;
    Timer retry_;
    Timer silence_;
    bool asked_ = false;     ///< for its version, after a silence
    bool described_ = false; ///< was asked to describe the receivers that it has now
    std::chrono::seconds backoff_;
};

} // namespace stinky
