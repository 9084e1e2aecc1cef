#include "gps/line_model.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

namespace stinky::gps {
namespace {

// What a receiver sends with and without a fix. The checksums do not matter here.
constexpr std::string_view typicalText =
    "$GPRMC,123519.00,A,4807.03812,N,01131.00024,E,0.022,084.4,230394,,,A*6A\r\n"
    "$GPGGA,123519.00,4807.03812,N,01131.00024,E,1,08,0.94,545.4,M,46.9,M,,*47\r\n"
    "$GNGSA,A,3,04,05,09,12,17,24,25,29,,,,,2.50,1.34,2.12*39\r\n"
    "$GPGSV,3,1,11,03,63,111,30,04,75,270,42,06,19,010,36,13,86,292,27*74\r\n"
    "$GLGSV,2,2,07,68,55,283,28,77,09,047,,78,38,128,41*5B\r\n"
    "$GPVTG,084.4,T,,M,0.022,N,0.041,K,A*23\r\n"
    "$GNRMC,,V,,,,,,,,,,N*4D\r\n$GNGGA,,,,,,0,00,99.99,,,,,,*56\r\n"
    "$GNGSA,A,1,,,,,,,,,,,,,99.99,99.99,99.99*2E\r\n$GPGLL,4807.03812,N,01131.00024,E,123519.00,A,A*6F\r\n";

constexpr int characterBits = 10;   // start, eight data bits, stop
constexpr double everyValue = 0.01; // the share of "any byte" in each model

// Packets of numbers: about a third of their bytes are 00, some are ff or small, the rest is anything.
std::vector<std::uint8_t> typicalBinary() {
    std::vector<std::uint8_t> bytes;
    std::uint32_t state = 1;
    const auto next = [&state] { // Numerical Recipes' generator: the same on every machine
        state = state * 1664525U + 1013904223U;
        return state >> 24U;
    };
    while (bytes.size() < 600) {
        const std::uint32_t kind = next() % 16;
        const std::uint32_t value = next();
        bytes.push_back(static_cast<std::uint8_t>(kind < 5   ? 0
                                                  : kind < 6 ? 0xff
                                                  : kind < 9 ? value % 32
                                                             : value));
    }
    return bytes;
}

class Line {
public:
    Line(std::span<const std::uint8_t> bytes, std::uint64_t lineBaud, std::uint64_t readerBaud)
        : lineBaud_(lineBaud), readerBaud_(readerBaud) {
        for (const std::uint8_t byte : bytes) {
            bits_.push_back(0);
            for (int bit = 0; bit < 8; ++bit)
                bits_.push_back(static_cast<char>((byte >> bit) & 1));
            bits_.push_back(1);
        }
    }

    std::size_t bits() const noexcept { return bits_.size(); }

    /// Counts what the reader gets when it begins to listen at bit `from`, at most `limit` bytes.
    void read(std::size_t from, std::size_t limit, double weight, std::array<double, 256>& counts) const {
        std::size_t bit = from;
        while (limit-- > 0) {
            while (bit < bits_.size() && !(level(bit) == false && (bit == 0 || level(bit - 1))))
                ++bit;
            if (bit >= bits_.size())
                return;
            bit = character(bit, weight, counts);
        }
    }

private:
    bool level(std::size_t bit) const noexcept { return bit >= bits_.size() || bits_[bit] != 0; }

    // Time is counted in units of 1/(lineBaud * readerBaud) s: a bit on the line is readerBaud units long
    // and a bit of the reader lineBaud units. Returns where to look for the next falling edge.
    std::size_t character(std::size_t startBit, double weight, std::array<double, 256>& counts) const {
        const std::uint64_t edge = std::uint64_t{startBit} * readerBaud_;
        const auto sampled = [&](int index) {
            return static_cast<std::size_t>(
                (edge + lineBaud_ * static_cast<unsigned>(index) + lineBaud_ / 2) / readerBaud_);
        };
        if (level(sampled(0))) // a glitch shorter than half a bit is no start bit
            return startBit + 1;
        unsigned value = 0;
        for (int bit = 0; bit < 8; ++bit)
            value |= level(sampled(1 + bit)) ? 1U << static_cast<unsigned>(bit) : 0U;
        std::size_t after = sampled(characterBits - 1);
        if (level(after)) {
            counts[value] += weight;
            return std::max(after, startBit + 1);
        }
        // A framing error: most drivers hand on what was sampled, some a 0 (termios(3), "break").
        counts[value] += weight * 0.75;
        counts[0] += weight * 0.25;
        while (!level(after))
            ++after;
        return after;
    }

    std::vector<char> bits_; ///< 0 or 1; std::vector<bool> is several times slower without optimisation
    std::uint64_t lineBaud_;
    std::uint64_t readerBaud_;
};

// A reader that comes in the middle takes a data bit for a start bit until the bits happen to fit.
void listen(const Line& line, std::size_t characters, std::array<double, 256>& counts) {
    line.read(0, characters * 20, 1.0, counts);
    constexpr std::size_t points = 61;
    for (std::size_t point = 1; point < points; ++point)
        line.read(line.bits() * point / points, 6, 0.5, counts);
}

ByteOdds odds(std::span<const std::uint8_t> bytes, unsigned lineBaud, unsigned readerBaud) {
    std::array<double, 256> counts{};
    // At 3:2 and at every even number of line bits to one of the reader's, a bit's middle falls on the
    // line's change from one bit to the next. Which of the two is read is then up to the two clocks: one may
    // be slower or faster.
    for (const unsigned percent : {99U, 101U})
        listen(Line(bytes, lineBaud * percent, readerBaud * 100), bytes.size(), counts);
    double total = 0;
    for (const double count : counts)
        total += count;
    ByteOdds result{};
    for (std::size_t value = 0; value < counts.size(); ++value) {
        const double share = total > 0 ? counts[value] / total : 1.0 / 256;
        result[value] = static_cast<float>(std::log((1 - everyValue) * share + everyValue / 256));
    }
    return result;
}

} // namespace

LineModel modelLine(unsigned lineBaud, unsigned readerBaud) {
    static const std::vector<std::uint8_t> binary = typicalBinary();
    const std::vector<std::uint8_t> text(typicalText.begin(), typicalText.end());
    return {odds(text, lineBaud, readerBaud), odds(binary, lineBaud, readerBaud)};
}

} // namespace stinky::gps
