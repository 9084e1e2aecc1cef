#include "sim/tak_report.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <string_view>

namespace stinky::sim {

namespace {

constexpr std::size_t maxListed = 20; // callsigns in a summary

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 0xf];
    }
    return text;
}

/// For a terminal: control characters become spaces. `text` is well-formed UTF-8.
std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        const bool c1 =
            byte == 0xc2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xa0;
        out += byte < 0x20 || byte == 0x7f || c1 ? ' ' : text[at];
        at += c1 ? 1 : 0;
    }
    return out;
}

std::string list(const std::set<std::string>& callsigns) {
    std::string text;
    std::size_t listed = 0;
    for (const std::string& callsign : callsigns) {
        if (listed++ == maxListed) {
            return text + ", and " + std::to_string(callsigns.size() - maxListed) + " more";
        }
        text += (text.empty() ? "\"" : ", \"") + printable(callsign) + '"';
    }
    return text.empty() ? "none" : text;
}

} // namespace

std::string eventJson(const CotEvent& event, const Datagram& datagram) {
    nlohmann::ordered_json json{{"uid", event.uid},
                                {"type", event.type},
                                {"how", event.how},
                                {"time", event.time},
                                {"start", event.start},
                                {"stale", event.stale},
                                {"lat", event.latitude},
                                {"lon", event.longitude},
                                {"lat_text", event.latitudeText},
                                {"lon_text", event.longitudeText},
                                {"hae", event.hae},
                                {"ce", event.ce},
                                {"le", event.le},
                                {"callsign", event.callsign},
                                {"remarks", event.remarks},
                                {"from", datagram.from},
                                {"bytes", datagram.bytes.size()}};
    if (!event.warnings.empty()) {
        json["warnings"] = event.warnings;
    }
    return json.dump();
}

std::string eventLine(const CotEvent& event, const Datagram& datagram) {
    std::string line = event.time + "  " + event.type + "  " + event.latitudeText + ',' +
                       event.longitudeText + "  " + event.uid + "  \"" + event.callsign + '"';
    if (!event.remarks.empty()) {
        line += "  " + event.remarks;
    }
    line += "  (" + datagram.from + ", " + std::to_string(datagram.bytes.size()) + " bytes)";
    for (const std::string& warning : event.warnings) {
        line += "  warning: " + warning;
    }
    return printable(line);
}

std::string defectJson(const CotDefect& defect, const Datagram& datagram) {
    return nlohmann::ordered_json{{"invalid", defect.reason},
                                  {"from", datagram.from},
                                  {"bytes", datagram.bytes.size()},
                                  {"hex", hex(datagram.bytes)}}
        .dump();
}

std::string defectLine(const CotDefect& defect, const Datagram& datagram) {
    return "invalid: " + defect.reason + "  (" + datagram.from + ", " +
           std::to_string(datagram.bytes.size()) + " bytes: " + hex(datagram.bytes) + ')';
}

TakTally::TakTally(std::uint64_t count, const std::vector<std::string>& callsigns)
    : count_(count), waitsForCallsigns_(!callsigns.empty()), missing_(callsigns.begin(), callsigns.end()) {}

void TakTally::addEvent(const CotEvent& event) {
    ++valid_;
    missing_.erase(event.callsign);
    seen_.insert(event.callsign);
}

bool TakTally::complete() const {
    return waitsForSomething() && valid_ >= count_ && missing_.empty();
}

std::string TakTally::summary() const {
    std::string text = std::to_string(valid_) + " valid, " + std::to_string(invalid_) +
                       " invalid; callsigns seen: " + list(seen_);
    if (valid_ < count_) {
        text += "; " + std::to_string(count_ - valid_) + " events missing";
    }
    if (!missing_.empty()) {
        text += "; callsigns missing: " + list(missing_);
    }
    return text;
}

} // namespace stinky::sim
