#pragma once

#include <optional>

namespace stinky::gps {

/// Decides when gpsd, which does not answer, is restarted: at most twice for one outage, then it is left
/// alone. All times are seconds of CLOCK_MONOTONIC.
class GpsdKeeper {
public:
    enum class Step : unsigned char { none, restart, giveUp };

    /// A gpsd that starts needs a moment; this long without an answer is none.
    static constexpr double patience = 10;
    /// After a restart: systemd may have to end the old one first.
    static constexpr double patienceAfterRestart = 20;
    static constexpr int mostRestarts = 2;
    /// A gpsd that answered for so long has recovered: its next outage is a new one.
    static constexpr double recovered = 600;

    explicit GpsdKeeper(double now) : silentSince_(now) {}

    /// What is to be done now. `restart` is counted as done; `giveUp` comes once an outage.
    Step observe(bool answers, double now);

    int restarts() const noexcept { return restarts_; }

    bool gaveUp() const noexcept { return gaveUp_; }

private:
    std::optional<double> silentSince_;
    double answersSince_ = 0;
    int restarts_ = 0;
    bool gaveUp_ = false;
};

} // namespace stinky::gps
