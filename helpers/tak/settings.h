#pragma once

#include "common/config.h"
#include "tak/outputs/tls.h"
#include "tak/tracks.h"

#include <string>
#include <vector>

namespace stinky::tak {

/// What the converter is told, by stinky.conf and on the command line.
struct Settings {
    std::string node; ///< for uids and the callsign
    std::vector<std::string> outputs;
    double rate = 0; ///< events a second for each output; 0 for all
    TrackRules rules;
    TlsSettings tls;
    long beacon = 0;  ///< seconds between two events of the own position; 0 for none
    std::string gpsd; ///< host:port, for the beacon

    std::string captures;        ///< directory
    std::string only;            ///< the one file in it that is followed; empty for the newest
    std::string replay;          ///< a file that is read once from its start, instead of following any
    double speed = 0;            ///< times as fast as it was recorded; 0 as fast as it goes
    bool print = false;          ///< events to standard output, and nowhere else
    std::string statusDirectory; ///< empty for no status file
    std::string checkpoints;     ///< file; empty to keep none
    std::string control;         ///< socket of `stinkyctl tak test`; empty for none

    /// Those of stinky.conf. Throws Error for a pattern that cannot be one.
    static Settings from(const Config& config);
};

} // namespace stinky::tak
