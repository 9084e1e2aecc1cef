#pragma once

#include "common/event_loop.h"
#include "common/fd.h"
#include "common/part_status.h"
#include "common/wigle_csv.h"
#include "tak/capture_follower.h"
#include "tak/settings.h"
#include "tak/tracks.h"
#include "tak/wigletotak/original.h"

#include <memory>
#include <string>

namespace stinky::tak {

/// A row of a track in the format that WigleToTAK reads, by position, with its estimate for the position. It
/// puts names into XML as they are, so that they are escaped here; it takes a comma for the end of a field.
WigleRow rowForOriginal(const Track& track);

/// Writes what the newest capture says into a WigleWifi-1.4 file, and has WigleToTAK broadcast that: a new
/// file for each capture.
class Feeder {
public:
    /// `directory`: where the files are written; only the last one is kept. Throws Error when the original
    /// does not answer.
    Feeder(EventLoop& loop, const Settings& settings, std::string directory, const std::string& url);

private:
    void onFile(const std::string& path);
    void onLine(std::string_view line);
    void onPause();
    PartReport report() const;

    std::string directory_;
    Original original_;
    Tracks tracks_;
    WigleReader reader_;
    std::string capture_;
    std::string fed_; ///< the name of our file
    Fd file_;
    std::string text_; ///< of rows that are not written yet
    std::uint64_t rows_ = 0;
    std::uint64_t written_ = 0;
    double lastRow_ = 0;
    std::unique_ptr<StatusReporter> status_;
    std::unique_ptr<CaptureFollower> follower_;
};

} // namespace stinky::tak
