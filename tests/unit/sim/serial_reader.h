#pragma once

#include "sim/unique_fd.h"

#include <chrono>
#include <functional>
#include <string>

namespace stinky::sim::test {

/// Opens a port as a GPS program does: exclusive of nothing, raw, at one speed.
class SerialReader {
public:
    /// Throws std::system_error. `speed` is a constant of termios, as B9600. What already waits is left to
    /// be read.
    SerialReader(const std::string& path, unsigned speed);

    /// Throws away what was received so far, as a program that looks for the speed does.
    void setSpeed(unsigned speed);

    /// Appends to received() until `enough` says so of it; false when the time is up first.
    bool readUntil(const std::function<bool(const std::string&)>& enough,
                   std::chrono::milliseconds timeout = std::chrono::seconds(10));

    bool readBytes(std::size_t count, std::chrono::milliseconds timeout = std::chrono::seconds(10));

    const std::string& received() const { return received_; }

    void forget() { received_.clear(); }

    int fd() const { return fd_.get(); }

private:
    void apply(unsigned speed);

    UniqueFd fd_;
    std::string received_;
};

} // namespace stinky::sim::test
