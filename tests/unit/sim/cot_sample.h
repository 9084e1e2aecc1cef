#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace stinky::sim::test {

/// An event as a sensor sends it for an access point.
inline std::string sampleEvent() {
    return R"(<?xml version="1.0" encoding="UTF-8"?>)"
           R"(<event version="2.0" uid="stinky-02:00:00:00:00:01" type="a-u-G" how="m-g")"
           R"( time="2024-05-17T12:00:00.000Z" start="2024-05-17T12:00:00.000Z" stale="2024-05-17T12:05:00.000Z">)"
           R"(<point lat="48.117300" lon="11.516667" hae="592.3" ce="17.1" le="9999999.0"/>)"
           R"(<detail><contact callsign="Cafe, Bar &amp; &quot;Grill&quot; &lt;1&gt;"/>)"
           R"(<remarks>channel 6, -42 dBm</remarks></detail></event>)";
}

/// The sample with its one `from` replaced.
inline std::string sampleWith(std::string_view from, std::string_view to) {
    std::string text = sampleEvent();
    const std::size_t at = text.find(from);
    if (at == std::string::npos) {
        throw std::logic_error("not in the sample: " + std::string(from));
    }
    return text.replace(at, from.size(), to);
}

} // namespace stinky::sim::test
