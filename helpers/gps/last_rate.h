#pragma once

#include <optional>
#include <string>

namespace stinky::gps {

/// The speed at which each receiver was found last: one small file a receiver, named as the device is in
/// /dev/serial/by-id, holding the rate in bit/s. It is a hint: whatever is wrong with the file or the
/// folder, the probe goes on without it.
class LastRate {
public:
    /// An empty `directory` remembers nothing.
    explicit LastRate(std::string directory) : directory_(std::move(directory)) {}

    std::optional<unsigned> load(const std::string& stableName) const;
    /// Makes the folder if need be. Returns whether it could be kept.
    bool save(const std::string& stableName, unsigned baud) const;

private:
    std::optional<std::string> fileOf(const std::string& stableName) const;

    std::string directory_;
};

} // namespace stinky::gps
