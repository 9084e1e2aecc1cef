#pragma once

#include "health/check.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What Kismet's REST answers mean. Pure. The names are those of its own field registrations (stable since
/// 2020).
namespace stinky::health {

struct KismetSource {
    std::string uuid;
    std::string interface;
    bool running = false;
    bool error = false;
    std::string errorReason;
    std::uint64_t packets = 0;

    bool operator==(const KismetSource&) const = default;
};

struct KismetLog {
    std::string uuid;
    std::string path;

    bool operator==(const KismetLog&) const = default;
};

struct KismetSystem {
    std::uint64_t devices = 0;
    std::uint64_t memoryKb = 0; ///< resident
    std::string version;

    bool operator==(const KismetSystem&) const = default;
};

struct KismetGps {
    bool connected = false;
    int fix = 0; ///< 0 and 1 none, 2: 2D, 3: 3D

    bool operator==(const KismetGps&) const = default;
};

/// Of /datasource/all_sources.json, /logging/active.json (open wiglecsv logs only), /system/status.json and
/// /gps/all_gps.json (the best receiver). Each throws Error when the text is not such an answer.
std::vector<KismetSource> parseKismetSources(const std::string& text);
std::vector<KismetLog> parseKismetLogs(const std::string& text);
KismetSystem parseKismetSystem(const std::string& text);
KismetGps parseKismetGps(const std::string& text);

/// Whether the packets of a source rise: kept from look to look.
class PacketWatch {
public:
    /// `now`: monotonic seconds.
    void observe(const std::vector<KismetSource>& sources, double now);

    /// Seconds since a running source without an error last delivered one; nothing before the first rise.
    std::optional<double> age(double now) const;

    std::uint64_t total() const noexcept { return total_; }

private:
    std::map<std::string, std::uint64_t> last_;
    std::uint64_t total_ = 0;
    std::optional<double> lastRise_;
};

/// One look, as far as Kismet answered.
struct KismetPicture {
    std::string problem;  ///< it does not answer, or not as it should: the rest is empty
    bool refused = false; ///< the login
    std::vector<KismetSource> sources;
    std::optional<std::vector<KismetLog>> logs; ///< nothing where Kismet does not tell
    std::string withheld;                       ///< why no log is to be open; empty when one is
    std::optional<KismetSystem> system;
    std::optional<KismetGps> gps;
};

/// `silence`: seconds that packets may stand still.
Finding judgeKismet(const KismetPicture& picture, const PacketWatch& packets, double now, double silence);

} // namespace stinky::health
