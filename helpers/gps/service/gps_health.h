#pragma once

#include "common/gpsd_client.h"
#include "common/part_status.h"

#include <string>

namespace stinky::gps {

/// How things stand, the worst first.
enum class Situation : unsigned char { gpsdSilent, noReceiver, noFix, fix };

Situation situationOf(const GpsState& state, double monotonic) noexcept;

/// Follows for how long there has been no fix, and words the part's report. Times are seconds of
/// CLOCK_MONOTONIC.
class GpsHealth {
public:
    /// Without a fix for so many minutes the part is degraded.
    explicit GpsHealth(int noFixMinutes) noexcept : noFixMinutes_(noFixMinutes) {}

    /// To be called when something changed and now and then; returns whether the situation is another one.
    bool observe(const GpsState& state, double now);

    Situation situation() const noexcept { return situation_; }

    /// What is known besides gpsd's state.
    struct Extras {
        int gpsdRestarts = 0;
        bool gpsdGivenUp = false;
        bool timeTrusted = false;
        bool timeSet = false;
    };

    PartReport report(const GpsState& state, const Extras& extras, double now) const;

private:
    void judge(const GpsState& state, const Extras& extras, double now, PartReport& report) const;

    int noFixMinutes_;
    Situation situation_ = Situation::gpsdSilent;
    double since_ = 0; ///< when there was a receiver without a fix first
};

/// For people: "3D fix at 48.117300 11.516667, 8 of 11 satellites".
std::string fixText(const GpsState& state);

} // namespace stinky::gps
