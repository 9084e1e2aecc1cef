#include "gps/rate_evidence.h"

#include <algorithm>
#include <cmath>

namespace stinky::gps {
namespace {

// A receiver may change its speed while it is probed: no lead grows beyond what a few bytes can turn round.
constexpr double largestLead = 40;
// Most receivers speak NMEA when they are plugged in.
constexpr double binaryPreference = -8;
// Most adapters drop what they hold when they are told to. Half the speed read at half the rate gives the
// same bytes.
constexpr double stalePreference = -4;
// Enough to order what the bytes leave open, too little to outweigh a single telling byte.
constexpr double orderPreference = -0.05;

} // namespace

RateEvidence::RateEvidence(std::vector<unsigned> rates) : rates_(std::move(rates)) {
    double preference = 0;
    for (const unsigned baud : rates_) {
        for (const bool binary : {false, true}) {
            const double all = preference + (binary ? binaryPreference : 0);
            hypotheses_.push_back({baud, binary, all, all, all});
        }
        preference += orderPreference;
    }
}

void RateEvidence::add(std::span<const std::uint8_t> bytes, unsigned readerBaud,
                       std::optional<unsigned> earlierBaud) {
    if (readerBaud != readerBaud_) {
        for (Hypothesis& h : hypotheses_) {
            h.fresh = h.score();
            h.stale = h.fresh + stalePreference;
        }
        readerBaud_ = readerBaud;
    }
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
        h.fresh = (earlierBaud ? h.score() : h.fresh) + odds(readerBaud);
        h.stale = earlierBaud ? h.stale + odds(*earlierBaud) : h.fresh;
        best = std::max(best, h.score());
    }
    for (Hypothesis& h : hypotheses_) {
        const double lowest = h.preference - largestLead;
        h.fresh = std::max(h.fresh - best, lowest);
        h.stale = std::max(h.stale - best, lowest);
    }
}

std::vector<RankedRate> RateEvidence::ranked() const {
    std::vector<RankedRate> all;
    for (const unsigned baud : rates_) {
        double score = -1e300;
        for (const Hypothesis& h : hypotheses_)
            if (h.baud == baud)
                score = std::max(score, h.score());
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
