#pragma once

#include "common/event_loop.h"
#include "common/part_status.h"
#include "common/wigle_csv.h"
#include "tak/beacon.h"
#include "tak/capture_follower.h"
#include "tak/checkpoints.h"
#include "tak/control_socket.h"
#include "tak/outputs/interfaces.h"
#include "tak/outputs/stream_output.h"
#include "tak/replay.h"
#include "tak/sender.h"
#include "tak/settings.h"
#include "tak/tracks.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace stinky::tak {

/// Captures in, events out.
class Converter {
public:
    /// Throws Error when an output's URL cannot be used or the captures cannot be watched.
    Converter(EventLoop& loop, Settings settings, const StreamRules& rules = {});

    /// Keeps how far it read, before an orderly end.
    void finish();

private:
    void openOutputs(const StreamRules& rules);
    void restore();
    void followCaptures();
    void startReplay();
    void onFile(const std::string& path, bool resumed);
    double recordedAt(std::string_view line);
    void onLine(std::string_view line);
    void take(const WigleView& row, double now);
    void onPause();
    void onReplayEnd();
    void onIdle();
    void endReplay(int code);
    void onOutput(Sender& sender);
    void onTest(ControlSocket::Reply reply);
    void answerTests();
    void keepPosition();
    std::optional<OwnPosition> position() const;
    Health health() const;
    PartReport report() const;

    EventLoop& loop_;
    Settings settings_;
    std::string file_;
    WigleReader reader_;
    Tracks tracks_;
    CotWriter writer_;
    std::uint64_t rows_ = 0;
    std::array<std::uint64_t, static_cast<std::size_t>(WigleReject::count)> rejected_ = {};
    double now_ = 0; ///< at which the lines of this turn are taken; 0 between two turns
    double lastRow_ = 0;
    std::size_t known_ = 0;   ///< tracks, at the last pause
    double recorded_ = 0;     ///< the clock of a replayed file
    double lastLatitude_ = 0; ///< of the sensor, by the last row
    double lastLongitude_ = 0;
    std::unique_ptr<StatusReporter> status_;
    std::vector<std::unique_ptr<Sender>> senders_;
    std::unique_ptr<NetworkWatch> network_;
    std::unique_ptr<Beacon> beacon_;
    Checkpoints checkpoints_;
    Timer keep_;
    bool keepArmed_ = false;
    Timer testDone_;
    std::vector<bool> testTaken_; ///< by each output, while a test runs
    std::vector<ControlSocket::Reply> testReplies_;
    Timer patience_; ///< with outputs that do not take the rest of a replay
    bool replayed_ = false;
    double replayStart_ = 0; ///< monotonic
    double replayBegan_ = 0; ///< time on the processor
    std::unique_ptr<ControlSocket> control_;
    std::unique_ptr<CaptureFollower> follower_;
    std::unique_ptr<Replay> replay_;
};

} // namespace stinky::tak
