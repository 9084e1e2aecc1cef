#pragma once

#include "common/config.h"

#include <string>
#include <vector>

namespace stinky::generator {

/// Something that the generator puts below systemd's generator folder.
struct GeneratedFile {
    std::string path;    ///< relative to that folder
    std::string content; ///< of a file; for a link, where it points
    bool link = false;

    bool operator==(const GeneratedFile&) const = default;
};

/// A serial port of GPS_DEVICES=.
struct GpsPort {
    std::string path; ///< canonical, "/dev/ttyAMA0": gpsd takes a link and its target for two devices
    bool exists = false;
};

/// What the machine has, as far as the wiring depends on it.
struct MachineFacts {
    std::vector<GpsPort> gpsPorts;
    bool ipv6 = true;         ///< the kernel has it
    bool kismet = false;      ///< is installed
    bool kismetGroup = false; ///< there is a group kismet: it alone may run Kismet's capture program
};

/// Which parts stinky.target pulls in, and how they hang together: the drop-ins and Wants= links of
/// systemd.generator(7). `unitDirectory` is where our units are installed.
std::vector<GeneratedFile> wiring(const Config& config, const std::string& unitDirectory,
                                  const MachineFacts& machine);

} // namespace stinky::generator
