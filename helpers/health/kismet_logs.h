#pragma once

#include "common/captures.h"
#include "health/kismet_view.h"

#include <ctime>
#include <string>
#include <vector>

namespace stinky::health {

/// Keeps Kismet's captures as stinky-scan keeps its own: a new one by size and by day, the old ones pruned,
/// none while the disk has less free than CAPTURE_KEEP_FREE=. It decides; the check carries out.
class KismetLogKeeper {
public:
    KismetLogKeeper(std::string directory, CaptureRules rules)
        : directory_(std::move(directory)), rules_(rules) {}

    /// The path of the command that Kismet should get now, empty for none. `open`: its open wiglecsv logs,
    /// the oldest first. Deletes old captures on the way. Throws Error when the directory cannot be read.
    std::string next(const std::vector<KismetLog>& open, std::time_t now);

    /// Why Kismet writes no capture; empty when it should.
    const std::string& withheld() const noexcept { return withheld_; }

private:
    std::string directory_;
    CaptureRules rules_;
    std::time_t lastAgeLook_ = 0;
    std::string current_; ///< path of the log that is written
    std::time_t begun_ = 0;
    std::string withheld_;
};

} // namespace stinky::health
