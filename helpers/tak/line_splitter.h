#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace stinky::tak {

/// Makes lines of the bytes of a file, as they come. A line that is whole in one piece is handed on where it
/// lies; what is longer than any row can be is passed over.
class LineSplitter {
public:
    /// Calls `line(std::string_view)` for each whole line, without its '\n'.
    template <typename Line>
    void take(std::string_view bytes, const Line& line) {
        while (!bytes.empty()) {
            const void* found = std::memchr(bytes.data(), '\n', bytes.size());
            if (found == nullptr) {
                keep(bytes);
                return;
            }
            const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
            if (rest_.empty() && !skipping_ && end <= longest) {
                line(bytes.substr(0, end));
            } else {
                keep(bytes.substr(0, end));
                if (!std::exchange(skipping_, false))
                    line(std::string_view(rest_));
                rest_.clear();
            }
            bytes.remove_prefix(end + 1);
        }
    }

    /// At the end of a file that nothing is added to: what stands behind the last '\n'.
    std::string_view rest() const noexcept { return rest_; }

    void clear() {
        rest_.clear();
        skipping_ = false;
    }

    /// Lines that were passed over.
    std::uint64_t overlong() const noexcept { return overlong_; }

private:
    static constexpr std::size_t longest = 8192;

    void keep(std::string_view piece) {
        if (!skipping_ && rest_.size() + piece.size() > longest) {
            skipping_ = true;
            rest_.clear();
            ++overlong_;
        }
        if (!skipping_)
            rest_ += piece;
    }

    std::string rest_;
    bool skipping_ = false;
    std::uint64_t overlong_ = 0;
};

} // namespace stinky::tak
