#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace stinky::tak {

/// How an output stands.
struct OutputStatus {
    bool up = false;
    std::string problem;         ///< why it is not up, or why the last event was not taken
    std::string lastError;       ///< the last problem that there was, also when it is over
    std::optional<double> since; ///< CLOCK_MONOTONIC of the time it came up
    std::uint64_t sent = 0;      ///< events
    std::uint64_t dropped = 0;   ///< events that were taken and then not sent
};

/// What an output tells its owner, also from within the owner's own calls.
struct OutputEvents {
    std::function<void()> ready;   ///< it takes events again
    std::function<void()> fresh;   ///< whoever listens has not heard what was sent before
    std::function<void()> changed; ///< up or problem
};

/// Somewhere that events go. Nothing in it blocks; a failure is a state.
class Output {
public:
    Output() = default;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    virtual ~Output() = default;

    /// Room for one event of largestEvent bytes; empty while it takes none.
    virtual std::span<char> space() = 0;
    /// Takes the event that was written into space().
    virtual void commit(std::size_t length) = 0;
    /// Sends what was taken, as far as that goes without waiting; the rest goes by itself.
    virtual void flush() = 0;

    /// All that was taken is sent.
    virtual bool drained() const = 0;

    /// An interface or an address came or went.
    virtual void networkChanged() {}

    const OutputStatus& status() const noexcept { return status_; }

protected:
    /// Both return whether something changed.
    bool setUp(double now);
    bool setProblem(std::string problem);

    OutputStatus status_;
};

} // namespace stinky::tak
