#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace stinky::gps {

/// What the bytes at hand are, seen as the beginning of a binary packet.
struct Verdict {
    enum class Kind : std::uint8_t { incomplete, invalid, valid };
    Kind kind;
    std::size_t length = 0; ///< of a valid packet, in bytes
};

/// Finds length-prefixed binary packets in a stream of any bytes. `Format` says what the packets look like:
///   static constexpr std::size_t longest;            // bytes of the longest packet accepted
///   static constexpr std::size_t headerLength;       // bytes up to and with the length
///   static Verdict examine(std::span<const std::uint8_t>);
/// After a false start the bytes behind it are looked at again, so noise that happens to hold the sync
/// characters cannot swallow the packet that follows.
template <typename Format>
class FrameScanner {
public:
    /// Takes the next byte; gives the number of packets that this completed (several only after a false
    /// start).
    unsigned push(std::uint8_t byte) noexcept {
        buffer_[length_++] = byte;
        unsigned found = 0;
        while (length_ > 0) {
            const Verdict verdict = Format::examine(std::span(buffer_.data(), length_));
            if (verdict.kind == Verdict::Kind::incomplete)
                break;
            found += verdict.kind == Verdict::Kind::valid ? 1 : 0;
            drop(verdict.kind == Verdict::Kind::valid ? verdict.length : 1);
        }
        return found;
    }

    /// True while the bytes at hand have the sync characters and the length of a packet whose end is still
    /// to come.
    bool midPacket() const noexcept { return length_ >= Format::headerLength; }

    /// Forgets a packet begun: the next bytes were read at another speed.
    void reset() noexcept { length_ = 0; }

private:
    void drop(std::size_t count) noexcept {
        length_ -= count;
        std::memmove(buffer_.data(), buffer_.data() + count, length_);
    }

    // An examine() that answers "incomplete" leaves room for one byte more: it refuses lengths above
    // `longest`.
    std::array<std::uint8_t, Format::longest> buffer_{};
    std::size_t length_ = 0;
};

} // namespace stinky::gps
