#pragma once

#include "tak/cot.h"

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace stinky::tak {

/// Some events, each of which becomes one datagram, sent by one sendmmsg(2).
class Datagrams {
public:
    static constexpr std::size_t capacity = 32;

    bool full() const noexcept { return count_ == capacity; }

    std::size_t count() const noexcept { return count_; }

    /// Room for the next one; not while full.
    std::span<char> space() noexcept { return {bytes_->data() + count_ * largestEvent, largestEvent}; }

    void commit(std::size_t length) noexcept { lengths_[count_++] = length; }

    void clear() noexcept { count_ = 0; }

    struct Outcome {
        std::size_t sent; ///< from `first` on
        int error;        ///< errno that kept the next one from being sent; 0 when all were
    };

    /// Sends those from `first` on, on a connected socket.
    Outcome send(int fd, std::size_t first) const noexcept;

private:
    using Bytes = std::array<char, capacity * largestEvent>;

    std::unique_ptr<Bytes> bytes_ = std::make_unique<Bytes>();
    std::array<std::size_t, capacity> lengths_ = {};
    std::size_t count_ = 0;
};

} // namespace stinky::tak
