#pragma once

#include "ctl/options.h"

#include <string>
#include <utility>
#include <vector>

namespace stinky::ctl {

/// A file of the archive: its name and its text.
using ReportFile = std::pair<std::string, std::string>;

/// A line for each device of a folder like /sys/bus/usb/devices: its ids and what it calls itself.
std::string usbText(const std::string& folder);

/// Writes a gzipped tar of the files below a folder `name`, readable for its owner only. Throws Error.
void writeArchive(const std::string& path, const std::string& name, const std::vector<ReportFile>& files);

/// `stinkyctl report`: one archive for a bug report, redacted. Prints its name.
int report(const Options& options);

} // namespace stinky::ctl
