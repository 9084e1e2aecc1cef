#pragma once

#include "common/fd.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stinky::radio {

/// The two switches of one radio.
struct Block {
    bool soft = false; ///< by a program, and by a program it is lifted
    bool hard = false; ///< by a switch or key of the machine

    bool operator==(const Block&) const = default;
};

/// One event of /dev/rfkill (linux/rfkill.h).
struct RfkillEvent {
    std::uint32_t index = 0;
    bool removed = false;
    Block block;

    bool operator==(const RfkillEvent&) const = default;
};

/// Reads one event; nothing when it is too short. Longer ones, of kernels to come, are read as far as known.
std::optional<RfkillEvent> parseRfkillEvent(std::string_view bytes) noexcept;

/// The rfkill switch of one radio, and of it alone. /dev/rfkill tells the state of every switch when it is
/// opened, and each change from then on.
class Rfkill {
public:
    /// `phy` is a name like "phy2". Without a switch, or without the right to read, nothing is known.
    explicit Rfkill(const std::string& phy);

    /// Readable when a switch has changed; -1 where there is none.
    int fd() const noexcept { return device_.get(); }

    /// Takes in what happened; true when it concerned this radio.
    bool update();

    const std::optional<Block>& block() const noexcept { return block_; }

    /// Throws Error, also when the device may only be read.
    void setSoft(bool blocked);

private:
    std::string phy_;
    std::uint32_t index_ = 0;
    Fd device_;
    std::optional<Block> block_;
};

} // namespace stinky::radio
