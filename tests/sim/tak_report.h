#pragma once

#include "sim/cot_check.h"
#include "sim/tak_socket.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace stinky::sim {

/// One line each, without a line break.
std::string eventJson(const CotEvent& event, const Datagram& datagram);
std::string eventLine(const CotEvent& event, const Datagram& datagram);
std::string defectJson(const CotDefect& defect, const Datagram& datagram);
std::string defectLine(const CotDefect& defect, const Datagram& datagram);

/// What has arrived, and whether that is all that was waited for.
class TakTally {
public:
    /// `count` events, 0 for any number, and an event from each of `callsigns`.
    TakTally(std::uint64_t count, const std::vector<std::string>& callsigns);

    void addEvent(const CotEvent& event);

    void addDefect() { ++invalid_; }

    /// False as long as something is missing, and also when nothing in particular is waited for.
    bool complete() const;

    bool waitsForSomething() const { return count_ > 0 || waitsForCallsigns_; }

    std::uint64_t valid() const { return valid_; }

    /// "3 valid, 0 invalid; callsigns: ...", and what is missing.
    std::string summary() const;

private:
    std::uint64_t count_;
    bool waitsForCallsigns_;
    std::set<std::string> missing_;
    std::set<std::string> seen_;
    std::uint64_t valid_ = 0;
    std::uint64_t invalid_ = 0;
};

} // namespace stinky::sim
