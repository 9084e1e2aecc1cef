#pragma once

#include "common/wigle_csv.h"

#include <cstdint>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "view/describe.h"

namespace stinky::view {

/// Where scanners write.
inline constexpr const char* captureDirectory = "/var/lib/stinky/captures";

/// A file of the capture folder.
struct Capture {
    std::string name; ///< without the folder
    std::uint64_t bytes = 0;
    std::time_t modified = 0;
};

/// The *.wiglecsv of a folder, the newest first, at most 1,000. Empty when the folder cannot be read.
std::vector<Capture> listCaptures(const std::string& directory);

/// {"path", "free_bytes", "total_bytes", "captures", "capture_bytes"}; the numbers are null when the folder
/// is not there.
Json diskJson(const std::string& directory);

/// What was heard of one access point.
struct AccessPoint {
    MacAddress bssid;
    std::string ssid; ///< fit for a screen; empty when hidden
    std::string security;
    int channel = 0;
    std::uint32_t frequencyMHz = 0;
    int rssi = 0;     ///< dBm, of the last row that knew; 0 when none did
    int bestRssi = 0; ///< dBm, 0 as above; the position is of that row
    double latitude = 0;
    double longitude = 0;
    double accuracy = 0; ///< m
    std::string firstSeen;
    std::string lastSeen; ///< UTC, as in the capture
    std::uint64_t rows = 0;
};

/// The access points of the capture that is being written, for readers who ask often. The file is followed:
/// each look takes what is new in it, at most 512 KiB.
class AccessPoints {
public:
    explicit AccessPoints(std::string directory) : directory_(std::move(directory)) {}

    /// Reads on, unless that was done within the last half second. `now`: seconds of CLOCK_MONOTONIC.
    void look(double now);

    /// All of them, by BSSID; at most mostAccessPoints.
    const std::map<MacAddress, AccessPoint>& all() const noexcept { return points_; }

    /// More of the capture is to be read than one look takes.
    bool behind() const noexcept { return behind_; }

    /// The strongest `limit` that were heard last: [{"bssid", "ssid", ...}], and how many there are in all.
    Json json(std::size_t limit) const;

private:
    void take(std::string_view line);

    std::string directory_;
    std::string name_; ///< of the capture that is followed
    std::uint64_t offset_ = 0;
    std::string rest_; ///< a line whose end is not written yet
    WigleReader reader_;
    std::map<MacAddress, AccessPoint> points_;
    double looked_ = -1e9;
    bool behind_ = false;
};

/// Those that come later are left out.
inline constexpr std::size_t mostAccessPoints = 5000;

} // namespace stinky::view
