#pragma once

#include "tak/cot.h"
#include "tak/outputs/output.h"

#include <array>

namespace stinky::tak {

/// Writes each event as a line to a descriptor: `stinky-tak --print`. A reader that is slow is waited for;
/// there is nobody else to serve then.
class PrintOutput : public Output {
public:
    explicit PrintOutput(int fd) : fd_(fd) {}

    std::span<char> space() override { return {event_.data(), largestEvent}; }

    /// Throws Error when nobody reads any more.
    void commit(std::size_t length) override;

    void flush() override {}

    bool drained() const override { return true; }

private:
    int fd_;
    std::array<char, largestEvent + 1> event_;
};

} // namespace stinky::tak
