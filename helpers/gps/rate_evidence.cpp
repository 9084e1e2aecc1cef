#include "gps/rate_evidence.h"

#include <algorithm>
#include <cmath>

namespace stinky::gps {
namespace {

// A receiver may change its speed while it is probed: no lead grows beyond what a few bytes can turn round.
constexpr double largestLead = 40;
// Most receivers speak NMEA when they are plugged in.
constexpr double binaryPreference = -5;
// Enough to order what the bytes leave open, too little to outweigh a single telling byte.
constexpr double orderPreference = -0.05;

} // namespace

RateEvidence::RateEvidence(std::vector<unsigned> rates) : rates_(std::move(rates)) {
    double preference = 0;
    for (const unsigned baud : rates_) {
        hypotheses_.push_back({baud, false, preference, preference});
        hypotheses_.push_back({baud, true, preference + binaryPreference, preference + binaryPreference});
        preference += orderPreference;
    }
}

void RateEvidence::add(std::span<const std::uint8_t> bytes, unsigned readerBaud,
                       std::optional<unsigned> earlierBaud) {
    for (const std::uint8_t byte : bytes)
        addByte(byte, readerBaud, earlierBaud);
}

void RateEvidence::addByte(std::uint8_t byte, unsigned readerBaud, std::optional<unsigned> earlierBaud) {
    double best = -1e300;
    for (Hypothesis& h : hypotheses_) {
        const auto odds = [&](unsigned reader) {
            const LineModel& m = model(h.baud, reader);
            return static_cast<double>(h.binary ? m.binary[byte] : m.text[byte]);
        };
        h.score += earlierBaud ? std::max(odds(readerBaud), odds(*earlierBaud)) : odds(readerBaud);
        best = std::max(best, h.score);
    }
    for (Hypothesis& h : hypotheses_)
        h.score = std::max(h.score - best, h.preference - largestLead);
}

std::vector<RankedRate> RateEvidence::ranked() const {
    std::vector<RankedRate> all;
    for (const unsigned baud : rates_) {
        double score = -1e300;
        for (const Hypothesis& h : hypotheses_)
            if (h.baud == baud)
                score = std::max(score, h.score);
        all.push_back({baud, -score});
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const RankedRate& a, const RankedRate& b) { return a.behind < b.behind; });
    const double best = all.empty() ? 0 : all.front().behind;
    for (RankedRate& rate : all)
        rate.behind -= best;
    return all;
}

const LineModel& RateEvidence::model(unsigned lineBaud, unsigned readerBaud) {
    const auto key = std::pair(lineBaud, readerBaud);
    const auto found = models_.find(key);
    return found != models_.end() ? found->second
                                  : models_.emplace(key, modelLine(lineBaud, readerBaud)).first->second;
}

} // namespace stinky::gps
