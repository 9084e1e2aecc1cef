#pragma once

#include "scan/radiotap.h"

#include <cstdint>
#include <functional>

namespace stinky::scan {

/// A frame as it was captured.
struct Frame {
    Bytes packet;    ///< behind its radiotap header
    double time = 0; ///< when it was heard, in seconds on a clock of the source
};

/// Where frames come from.
class FrameSource {
public:
    using Callback = std::function<void(const Frame& frame)>;

    FrameSource() = default;
    FrameSource(const FrameSource&) = delete;
    FrameSource& operator=(const FrameSource&) = delete;
    virtual ~FrameSource() = default;

    /// Frames that were lost before they could be read, since the start.
    virtual std::uint64_t dropped() const = 0;

protected:
    /// Frames of one wake-up, so that others on the loop get their turn.
    static constexpr int mostAtOnce = 512;
};

} // namespace stinky::scan
