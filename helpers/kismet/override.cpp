#include "kismet/override.h"

#include "kismet/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

namespace stinky::kismet {
namespace {

std::pair<std::string, std::string> hostAndPort(const std::string& text) {
    const auto colon = text.rfind(':');
    return {text.substr(0, colon), text.substr(colon + 1)};
}

/// Kismet knows hops per second and per minute only.
std::string hopSpeed(long dwellMilliseconds) {
    if (dwellMilliseconds <= 1000)
        return fmt::format("{}/sec", 1000 / dwellMilliseconds);
    return fmt::format("{}/min", std::max(1L, 60000 / dwellMilliseconds));
}

std::string sourceLine(const Config& config, const OverrideInputs& inputs) {
    std::string hex;
    for (const std::uint8_t octet : inputs.address.octets)
        hex += fmt::format("{:02X}", octet);
    std::string line =
        fmt::format("{0}:name=stinky-{0},type=linuxwifi,uuid=53544E4B-0000-4000-8000-{1},retry=true",
                    inputs.interface, hex);
    if (config.text("CHANNELS") != "auto") {
        std::string channels;
        for (const std::string& channel : config.list("CHANNELS"))
            channels += (channels.empty() ? "" : ",") + channel;
        line += ",channels=\"" + channels + "\"";
    }
    return line;
}

} // namespace

std::string overrideText(const Config& config, const OverrideInputs& inputs, std::string_view userText) {
    const auto [gpsdHost, gpsdPort] = hostAndPort(config.text("GPSD"));
    const auto [listenHost, listenPort] = hostAndPort(config.text("KISMET_LISTEN"));
    const std::vector<std::pair<std::string, std::string>> ours = {
        {"source", sourceLine(config, inputs)},
        {"gps", fmt::format("gpsd:host={},port={},name=stinky,reconnect=true", gpsdHost, gpsdPort)},
        {"log_prefix", inputs.captures},
        {"log_title", "stinky"},
        {"log_types", "wiglecsv"},
        {"wigle_log_throttle", config.text("WIGLE_THROTTLE")},
        {"httpd_bind_address", listenHost},
        {"httpd_port", listenPort},
        {"httpd_username", inputs.user},
        {"httpd_password", inputs.password},
        {"remote_capture_enabled", "false"},
        {"channel_hop_speed", hopSpeed(config.number("CHANNEL_DWELL_MS"))},
        {"tracker_device_timeout", "3600"},
        {"dot11_datasource_opt", "filter_mgmt,true"},
        // Without it each probing phone is a row of its own.
        {"dot11_ap_only_survey", "true"},
    };
    std::set<std::string> replaced;
    std::string theirs;
    for (std::string_view rest = userText; !rest.empty();) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const Setting setting = parseSetting(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (setting.key.empty())
            continue;
        if (!setting.append)
            replaced.insert(setting.key);
        theirs += setting.key + (setting.append ? "+=" : "=") + setting.value + "\n";
    }
    std::string text =
        "# Written at each start from stinky.conf and kismet.conf in /etc/stinky: change it there.\n";
    for (const auto& [key, value] : ours)
        if (!replaced.contains(key))
            text += key + "=" + value + "\n";
    return text + theirs;
}

} // namespace stinky::kismet
