#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stinky::scan::test {

using Buffer = std::vector<std::uint8_t>;

inline void append(Buffer& to, const Buffer& more) {
    to.insert(to.end(), more.begin(), more.end());
}

/// Flags, channel and antenna signal, as mac80211 writes them.
inline Buffer radiotap(std::uint16_t megahertz = 2437, std::int8_t signal = -61, std::uint8_t flags = 0) {
    return {0,
            0,
            15,
            0,
            0x2a,
            0,
            0,
            0,
            flags,
            0,
            static_cast<std::uint8_t>(megahertz & 0xff),
            static_cast<std::uint8_t>(megahertz >> 8),
            0xa0,
            0,
            static_cast<std::uint8_t>(signal)};
}

inline Buffer element(std::uint8_t id, const Buffer& body) {
    Buffer bytes = {id, static_cast<std::uint8_t>(body.size())};
    append(bytes, body);
    return bytes;
}

inline Buffer ssid(const std::string& name) {
    return element(0, Buffer(name.begin(), name.end()));
}

/// A beacon (0x80) or probe response (0x50) of 02:11:22:33:44:55 without radiotap.
inline Buffer management(std::uint8_t frameControl, std::uint16_t capabilities,
                         const std::vector<Buffer>& elements) {
    Buffer frame = {frameControl, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    append(frame, {2, 0x11, 0x22, 0x33, 0x44, 0x55});
    append(frame, {2, 0x11, 0x22, 0x33, 0x44, 0x55});
    append(frame, {0, 0});
    append(frame, {0, 0, 0, 0, 0, 0, 0, 0, 100, 0});
    append(frame,
           {static_cast<std::uint8_t>(capabilities & 0xff), static_cast<std::uint8_t>(capabilities >> 8)});
    for (const Buffer& e : elements)
        append(frame, e);
    return frame;
}

inline Buffer packet(const Buffer& header, const Buffer& frame) {
    Buffer bytes = header;
    append(bytes, frame);
    return bytes;
}

/// RSN with CCMP and the given key management suites of 00-0f-ac.
inline Buffer rsnBody(const std::vector<std::uint8_t>& akms) {
    Buffer body = {1, 0, 0, 0x0f, 0xac, 4, 1, 0, 0, 0x0f, 0xac, 4, static_cast<std::uint8_t>(akms.size()),
                   0};
    for (const std::uint8_t akm : akms)
        append(body, {0, 0x0f, 0xac, akm});
    append(body, {0, 0});
    return body;
}

} // namespace stinky::scan::test
