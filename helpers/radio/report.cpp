#include "radio/report.h"

#include <fmt/format.h>
#include <linux/nl80211.h>

#include <algorithm>
#include <array>

namespace stinky::radio {
namespace {

const char* bandOf(std::uint32_t megahertz) noexcept {
    if (megahertz < 2000)
        return "S1G";
    if (megahertz < 3000)
        return "2.4 GHz";
    if (megahertz < 5930)
        return "5 GHz";
    return megahertz < 20000 ? "6 GHz" : "60 GHz";
}

std::string bandsText(const RadioInfo& radio) {
    std::string text;
    for (const BandSummary& band : bandsOf(radio.channels))
        text += fmt::format("{}{} ({} of {} channels)", text.empty() ? "" : ", ", band.band, band.usable,
                            band.channels);
    return text;
}

std::string modesText(const RadioInfo& radio) {
    std::string text;
    for (const std::uint32_t type : radio.types)
        text += (text.empty() ? "" : ", ") + wifiTypeName(type);
    return text;
}

bool hasMonitor(const RadioInfo& radio) {
    return radio.types.contains(NL80211_IFTYPE_MONITOR);
}

std::string holdersText(const RadioInfo& radio) {
    std::string text;
    for (const std::string& holder : radio.holders)
        text += (text.empty() ? "" : ", ") + holder;
    return text.empty() ? "-" : text;
}

const char* blockText(const RadioInfo& radio) noexcept {
    if (!radio.block)
        return "?";
    if (radio.block->hard)
        return "hard";
    return radio.block->soft ? "soft" : "no";
}

const char* uplinkText(const RadioInfo& radio) noexcept {
    if (radio.defaultRoute)
        return "yes";
    return radio.session ? "ssh" : "no";
}

const char* uplinkSentence(const RadioInfo& radio) noexcept {
    if (radio.defaultRoute)
        return "yes, it carries the default route";
    return radio.session ? "an open ssh session comes by it" : "no";
}

using Row = std::array<std::string, 11>;

Row rowOf(const RadioInfo& radio) {
    const bool any = !radio.interface.empty();
    return {any ? radio.interface : "-",
            radio.phy,
            radio.driver,
            any ? radio.mac.toString() : "-",
            any ? wifiTypeName(radio.state.type) : "-",
            any ? (radio.state.up ? "up" : "down") : "-",
            hasMonitor(radio) ? "yes" : "no",
            uplinkText(radio),
            blockText(radio),
            holdersText(radio),
            bandsText(radio)};
}

} // namespace

std::vector<BandSummary> bandsOf(const std::vector<WifiChannel>& channels) {
    std::vector<BandSummary> bands;
    for (const WifiChannel& channel : channels) {
        const std::string name = bandOf(channel.frequencyMHz);
        auto band =
            std::find_if(bands.begin(), bands.end(), [&](const BandSummary& b) { return b.band == name; });
        if (band == bands.end())
            band = bands.insert(bands.end(), {name, 0, 0});
        ++band->channels;
        band->usable += channel.disabled ? 0 : 1;
    }
    return bands;
}

nlohmann::json toJson(const RadioInfo& radio) {
    nlohmann::json json = {
        {"interface", nullptr}, {"phy", radio.phy}, {"driver", radio.driver},
        {"mac", nullptr},       {"type", nullptr},  {"up", nullptr},
    };
    if (!radio.interface.empty()) {
        json["interface"] = radio.interface;
        json["mac"] = radio.mac.toString();
        json["type"] = wifiTypeName(radio.state.type);
        json["up"] = radio.state.up;
    }
    json["monitor"] = hasMonitor(radio);
    json["default_route"] = radio.defaultRoute;
    json["session"] = radio.session;
    json["soft_blocked"] = radio.block ? nlohmann::json(radio.block->soft) : nullptr;
    json["hard_blocked"] = radio.block ? nlohmann::json(radio.block->hard) : nullptr;
    json["held_by"] = radio.holders;
    json["modes"] = nlohmann::json::array();
    for (const std::uint32_t type : radio.types)
        json["modes"].push_back(wifiTypeName(type));
    json["bands"] = nlohmann::json::array();
    for (const BandSummary& band : bandsOf(radio.channels))
        json["bands"].push_back({{"band", band.band}, {"channels", band.channels}, {"usable", band.usable}});
    return json;
}

std::string table(const std::vector<RadioInfo>& radios) {
    std::vector<Row> rows = {{"INTERFACE", "PHY", "DRIVER", "ADDRESS", "TYPE", "LINK", "MONITOR", "UPLINK",
                              "BLOCKED", "HELD BY", "BANDS"}};
    for (const RadioInfo& radio : radios)
        rows.push_back(rowOf(radio));
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t column = 0; column + 1 < row.size(); ++column) {
            std::size_t width = 0;
            for (const Row& other : rows)
                width = std::max(width, other.at(column).size());
            text += fmt::format("{:<{}}  ", row.at(column), width);
        }
        text += row.back() + "\n";
    }
    return text;
}

std::string details(const RadioInfo& radio, const std::optional<SavedState>& saved,
                    const std::string& unknown) {
    std::string restore = "nothing saved, nothing to set back";
    if (!unknown.empty())
        restore = "unknown: " + unknown;
    else if (saved)
        restore = "will be set back to " + describe(saved->state);
    return fmt::format("{}: {}\n"
                       "  address  {}\n"
                       "  modes    {}\n"
                       "  bands    {}\n"
                       "  uplink   {}\n"
                       "  blocked  {}\n"
                       "  held by  {}\n"
                       "  restore  {}\n",
                       describe(radio), describe(radio.state), radio.mac.toString(), modesText(radio),
                       bandsText(radio), uplinkSentence(radio), blockText(radio), holdersText(radio),
                       restore);
}

} // namespace stinky::radio
