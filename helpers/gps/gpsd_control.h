#pragma once

#include "common/fd.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace stinky::gps {

/// What gpsd answered to one command.
struct GpsdReply {
    enum class Result : unsigned char { pending, ok, error };
    Result result = Result::pending;
    std::vector<std::string> devices; ///< lines before the result: the paths that "?devices" lists
};

/// Reads a reply as far as it has come. Two dialects (gpsd commit 5f72fae77): up to 3.22 "OK" or "ERROR" and
/// a line feed; from 3.23 {"class":"ACK"}, {"class":"OK"} or {"class":"ERROR"} and CR LF. Empty lines are
/// unused slots.
GpsdReply parseGpsdReply(std::string_view text);

/// gpsd's control socket (gpsd(8), "GPSD CONTROL SOCKET"): each command on a connection of its own, as
/// gpsdctl does.
class GpsdControl {
public:
    using Deadline = std::chrono::milliseconds;

    /// `socket` is the path of the socket, `limit` the time that each command may take.
    explicit GpsdControl(std::string socket, Deadline limit = std::chrono::seconds(10));

    /// The devices gpsd has. All of these throw Error, with an advice where one is known.
    std::vector<std::string> devices() const;
    bool has(const std::string& path) const;

    enum class Added : unsigned char { added, alreadyThere };
    /// `path` is taken literally by gpsd: give the canonical one.
    Added add(const std::string& path) const;

    enum class Removed : unsigned char { removed, notThere, gpsdGone };
    Removed remove(const std::string& path) const;

private:
    GpsdReply ask(const std::string& command) const;

    std::string socket_;
    Deadline limit_;
};

/// True for a path that gpsd's control language can carry: absolute, printable, without spaces.
bool isGpsdPath(std::string_view path) noexcept;

} // namespace stinky::gps
