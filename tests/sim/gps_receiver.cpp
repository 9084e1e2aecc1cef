#include "sim/gps_receiver.h"

#include "sim/nmea_writer.h"
#include "sim/ubx_writer.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace stinky::sim {

namespace {

constexpr int satellitesForFix = 3;
constexpr std::size_t noiseBytes = 200; // about as many as a burst of NMEA at 1 Hz

void append(std::vector<std::uint8_t>& bytes, std::string_view text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
}

/// NMEA and AIS, UBX, RTCM 3, SiRF and TSIP: gpsd knows a packet by these.
bool startsPacket(std::uint8_t byte) {
    constexpr std::array<std::uint8_t, 6> starts{'$', '!', 0xb5, 0xd3, 0xa0, 0x10};
    return std::find(starts.begin(), starts.end(), byte) != starts.end();
}

} // namespace

GpsReceiver::GpsReceiver(ReceiverOptions options) : options_(std::move(options)), random_(options_.seed) {}

GpsFix GpsReceiver::fixAt(UtcTime now, double sinceStart) const {
    GpsFix fix;
    fix.time = now;
    fix.position = options_.route ? options_.route->positionAt(sinceStart) : options_.position;
    fix.motion = options_.route ? options_.route->motionAt(sinceStart) : Motion{};
    fix.geoidSeparation = options_.geoidSeparation;
    fix.satellitesInView = options_.satellites;
    fix.valid = options_.fix && sinceStart >= options_.fixAfter && options_.satellites >= satellitesForFix;
    return fix;
}

std::vector<std::uint8_t> GpsReceiver::burst(UtcTime now, double sinceStart) {
    std::vector<std::uint8_t> bytes;
    switch (options_.output) {
    case Output::Nmea:
        for (const std::string& sentence : nmeaBurst(options_.talker, fixAt(now, sinceStart))) {
            append(bytes, sentence);
        }
        break;
    case Output::Ubx:
        bytes = ubxNavPvt(fixAt(now, sinceStart));
        break;
    case Output::Noise:
        bytes = noise();
        break;
    case Output::Chatter:
        bytes = chatter(sinceStart);
        break;
    case Output::Silent:
        break;
    }
    return bytes;
}

std::vector<std::uint8_t> GpsReceiver::noise() {
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < noiseBytes) {
        const auto byte = static_cast<std::uint8_t>(random_() & 0xff);
        if (!startsPacket(byte)) {
            bytes.push_back(byte);
        }
    }
    return bytes;
}

std::vector<std::uint8_t> GpsReceiver::chatter(double sinceStart) {
    std::vector<std::uint8_t> bytes;
    const auto tenths = random_() % 100;
    append(bytes, "uptime " + std::to_string(static_cast<long>(sinceStart * 1000)) + " ms\r\n");
    append(bytes,
           "temperature=2" + std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " C\r\n");
    append(bytes, "sensor A0: " + std::to_string(random_() % 1024) + ", relay off, free 1482 B\r\n");
    return bytes;
}

} // namespace stinky::sim
