#pragma once

#include "gps/line_model.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace stinky::gps {

struct RankedRate {
    unsigned baud; ///< bit/s
    double behind; ///< how much less likely than the best, in nats (natural logarithm of the odds); 0 for
                   ///< the best
};

/// Which speed a line has, judged from bytes that were read at other speeds.
///
/// A low bit at 9600 is twelve bits long at 115200: the reader sees nothing but 00. At half the line's speed
/// or at three quarters of it other values become common. So each speed that the line may have predicts, for
/// the speed of the reader, how often each byte value comes (modelLine). The bytes seen, taken one by one,
/// raise those speeds that predicted them and lower the others (Bayes' rule). The evidence may come from
/// several reading speeds: what 115200 cannot tell apart (9600 and 4800 both give 00), 9600 can.
///
/// The bytes' times are not used: an adapter hands bytes on in packets of 1 to 16 ms and an emulator in
/// larger ones.
class RateEvidence {
public:
    /// `rates` in the order in which they are preferred where the bytes do not tell; bit/s, without
    /// duplicates.
    explicit RateEvidence(std::vector<unsigned> rates);

    /// Takes bytes read at `readerBaud`. With `earlierBaud` the first of them may still have been sampled at
    /// that speed (a USB adapter keeps bytes for up to 200 ms after a change): the evidence then takes, for
    /// each rate, the point from which on the bytes are new where it fits best. So stale bytes do no harm,
    /// and nobody has to wait for them to drain.
    void add(std::span<const std::uint8_t> bytes, unsigned readerBaud,
             std::optional<unsigned> earlierBaud = {});

    /// All rates, the most likely one first.
    std::vector<RankedRate> ranked() const;

private:
    struct Hypothesis {
        unsigned baud;
        bool binary;
        double preference; ///< before any byte, in nats
        double fresh;      ///< when the newest bytes were sampled at the present speed, in nats
        double stale;      ///< when all since the last change were still sampled at the speed before

        double score() const noexcept { return fresh > stale ? fresh : stale; }
    };

    const LineModel& model(unsigned lineBaud, unsigned readerBaud);
    void addByte(std::uint8_t byte, unsigned readerBaud, std::optional<unsigned> earlierBaud);

    std::vector<unsigned> rates_;
    std::vector<Hypothesis> hypotheses_;
    unsigned readerBaud_ = 0; ///< of the bytes added last
    std::map<std::pair<unsigned, unsigned>, LineModel>
        models_; ///< by line and reader speed, made when needed
};

} // namespace stinky::gps
