#pragma once

#include "common/bus.h"

#include <memory>
#include <string>

namespace stinky::sim::test {
class ChildProcess;
}

namespace stinky::test {

/// A bus daemon of our own, at a path that stays when it restarts.
class BusDaemon {
public:
    /// Its files come into `folder`.
    explicit BusDaemon(const std::string& folder);
    ~BusDaemon();

    void start();
    /// Kills it; it is gone when this returns.
    void end();

    const std::string& address() const { return address_; }

private:
    std::string config_;
    std::string address_;
    std::unique_ptr<sim::test::ChildProcess> daemon_;
};

/// A client of the bus at `address`, served by the loop. Throws Error.
bus::Bus connectTo(EventLoop& loop, const std::string& address);

} // namespace stinky::test
