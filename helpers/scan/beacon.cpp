#include "scan/beacon.h"

#include "common/nl80211.h"

#include <algorithm>
#include <optional>

namespace stinky::scan {
namespace {

constexpr std::size_t headerLength = 24;
constexpr std::size_t fixedLength = 12; // timestamp, interval, capabilities
constexpr std::uint8_t subtypeBeacon = 8;
constexpr std::uint8_t subtypeProbeResponse = 5;
constexpr std::uint16_t capabilityEss = 0x0001;
constexpr std::uint16_t capabilityIbss = 0x0002;
constexpr std::uint16_t capabilityPrivacy = 0x0010;

enum Element : std::uint8_t {
    ssidElement = 0,
    dsParameter = 3,
    rsn = 48,
    htOperation = 61,
    vendor = 221,
    extension = 255
};

constexpr std::uint8_t extensionHeOperation = 36;

/// What the elements say, before it is put together.
struct Elements {
    std::optional<std::string> ssid;
    int dsChannel = 0;
    int htChannel = 0;
    int sixGhzChannel = 0;
    std::string security;
    bool wps = false;
};

// HE Operation (9.4.2.249): parameters(3), BSS colour(1), basic MCS(2), then VHT info (3), co-hosted
// indicator (1) and 6 GHz info (5) as far as bits 14, 15 and 17 of the parameters announce them.
int sixGhzPrimaryChannel(Bytes body) noexcept {
    if (body.size() < 7)
        return 0;
    const std::uint32_t parameters = body[1] | body[2] << 8 | static_cast<std::uint32_t>(body[3]) << 16;
    if ((parameters & (1U << 17)) == 0)
        return 0;
    std::size_t at = 7;
    at += (parameters & (1U << 14)) != 0 ? 3 : 0;
    at += (parameters & (1U << 15)) != 0 ? 1 : 0;
    return at < body.size() ? body[at] : 0;
}

void readVendor(Bytes body, Elements& elements) {
    constexpr std::uint8_t microsoft[] = {0x00, 0x50, 0xf2};
    if (body.size() < 4 || !std::equal(std::begin(microsoft), std::end(microsoft), body.begin()))
        return;
    if (body[3] == 1)
        elements.security = securityText(body.subspan(4), true) + elements.security;
    else if (body[3] == 4)
        elements.wps = true;
}

void readElement(std::uint8_t id, Bytes body, Elements& elements) {
    switch (id) {
    case ssidElement:
        // The first one counts: a second is a trick.
        if (!elements.ssid && body.size() <= 32)
            elements.ssid = std::string(body.begin(), body.end());
        break;
    case dsParameter:
        if (body.size() == 1)
            elements.dsChannel = body[0];
        break;
    case htOperation:
        if (!body.empty())
            elements.htChannel = body[0];
        break;
    case rsn:
        elements.security += securityText(body, false);
        break;
    case vendor:
        readVendor(body, elements);
        break;
    case extension:
        if (!body.empty() && body[0] == extensionHeOperation)
            elements.sixGhzChannel = sixGhzPrimaryChannel(body);
        break;
    default:
        break;
    }
}

Elements readElements(Bytes bytes) {
    Elements elements;
    while (bytes.size() >= 2) {
        const std::size_t length = bytes[1];
        if (bytes.size() < 2 + length)
            break;
        readElement(bytes[0], bytes.subspan(2, length), elements);
        bytes = bytes.subspan(2 + length);
    }
    return elements;
}

std::uint32_t frequencyOf(int channel, std::uint32_t tuned, bool sixGhz) noexcept {
    if (sixGhz)
        return static_cast<std::uint32_t>(5950 + 5 * channel);
    // The number alone does not name the band; what is heard on 2.4 GHz is sent on 2.4 GHz.
    if (tuned >= 4900)
        return static_cast<std::uint32_t>(5000 + 5 * channel);
    if (channel == 14)
        return 2484;
    return channel >= 1 && channel <= 13 ? static_cast<std::uint32_t>(2407 + 5 * channel) : tuned;
}

void setChannel(const Elements& elements, const Radiotap& radio, Sighting& sighting) noexcept {
    const int own = elements.sixGhzChannel != 0 ? elements.sixGhzChannel
                    : elements.dsChannel != 0   ? elements.dsChannel
                                                : elements.htChannel;
    sighting.channel = own != 0 ? own : channelOfFrequency(radio.frequencyMHz);
    sighting.frequencyMHz =
        own != 0 ? frequencyOf(own, radio.frequencyMHz, elements.sixGhzChannel != 0) : radio.frequencyMHz;
}

// A hidden network sends no SSID, or its length in zeros.
bool hiddenSsid(const std::string& ssid) {
    return std::all_of(ssid.begin(), ssid.end(), [](char c) { return c == '\0'; });
}

} // namespace

const char* toString(FrameReject reason) noexcept {
    switch (reason) {
    case FrameReject::badRadiotap:
        return "bad radiotap";
    case FrameReject::badFcs:
        return "bad checksum";
    case FrameReject::otherFrame:
        return "other frame";
    case FrameReject::truncated:
        return "truncated";
    case FrameReject::badBssid:
        return "bad BSSID";
    case FrameReject::count:
        break;
    }
    return "unknown";
}

std::variant<Sighting, FrameReject> parseBeacon(Bytes packet) {
    const auto radio = parseRadiotap(packet);
    if (!radio)
        return FrameReject::badRadiotap;
    if (radio->badFcs)
        return FrameReject::badFcs;
    Bytes frame = packet.subspan(radio->length);
    if (radio->fcsAtEnd)
        frame = frame.first(frame.size() - std::min<std::size_t>(4, frame.size()));
    if (frame.size() < 2)
        return FrameReject::truncated;
    const int type = frame[0] >> 2 & 3;
    const int subtype = frame[0] >> 4;
    if ((frame[0] & 3) != 0 || type != 0 || (subtype != subtypeBeacon && subtype != subtypeProbeResponse))
        return FrameReject::otherFrame;
    // The order bit announces four more bytes, HT Control (9.2.4.1.10).
    const std::size_t start = headerLength + ((frame[1] & 0x80) != 0 ? 4 : 0);
    if (frame.size() < start + fixedLength)
        return FrameReject::truncated;

    Sighting sighting;
    std::copy_n(frame.begin() + 16, 6, sighting.bssid.octets.begin());
    if (sighting.bssid.multicast() || sighting.bssid == MacAddress{})
        return FrameReject::badBssid;
    const Elements elements = readElements(frame.subspan(start + fixedLength));
    if (!elements.ssid)
        return FrameReject::truncated;

    if (!hiddenSsid(*elements.ssid))
        sighting.ssid = *elements.ssid;
    sighting.rssi = radio->rssi;
    setChannel(elements, *radio, sighting);
    const auto capabilities = static_cast<std::uint16_t>(frame[start + 10] | frame[start + 11] << 8);
    sighting.authMode = elements.security;
    if (elements.security.empty() && (capabilities & capabilityPrivacy) != 0)
        sighting.authMode = "[WEP]";
    if (elements.wps)
        sighting.authMode += "[WPS]";
    if ((capabilities & capabilityEss) != 0)
        sighting.authMode += "[ESS]";
    else if ((capabilities & capabilityIbss) != 0)
        sighting.authMode += "[IBSS]";
    return sighting;
}

} // namespace stinky::scan
