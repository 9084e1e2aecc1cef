#include "sim/ubx_writer.h"

#include <array>
#include <cmath>
#include <numbers>

namespace stinky::sim {

namespace {

constexpr std::uint8_t classNav = 0x01;
constexpr std::uint8_t idNavPvt = 0x07;
constexpr std::size_t navPvtLength = 92;

class LittleEndian {
public:
    template <typename Integer>
    void put(std::size_t offset, Integer value) {
        for (std::size_t byte = 0; byte < sizeof(Integer); ++byte) {
            payload_[offset + byte] = static_cast<std::uint8_t>(value & 0xff);
            value = static_cast<Integer>(value >> 8);
        }
    }

    void putScaled(std::size_t offset, double value, double scale) {
        put(offset, static_cast<std::uint32_t>(static_cast<std::int32_t>(std::lround(value * scale))));
    }

    std::span<const std::uint8_t> payload() const { return payload_; }

private:
    std::array<std::uint8_t, navPvtLength> payload_{};
};

void putTime(LittleEndian& message, UtcTime time) {
    using namespace std::chrono;
    const auto day = floor<days>(time);
    const year_month_day date(day);
    const hh_mm_ss clock(time - day);
    // GPS weeks begin on Sunday; leap seconds separate GPS time from UTC (18 since 2017).
    const auto sinceSunday = (time - (day - (weekday(day) - Sunday))) + 18s;
    message.put(0,
                static_cast<std::uint32_t>(duration_cast<milliseconds>(sinceSunday).count() % 604'800'000));
    message.put(4, static_cast<std::uint16_t>(static_cast<int>(date.year())));
    message.put(6, static_cast<std::uint8_t>(static_cast<unsigned>(date.month())));
    message.put(7, static_cast<std::uint8_t>(static_cast<unsigned>(date.day())));
    message.put(8, static_cast<std::uint8_t>(clock.hours().count()));
    message.put(9, static_cast<std::uint8_t>(clock.minutes().count()));
    message.put(10, static_cast<std::uint8_t>(clock.seconds().count()));
    message.put(11, std::uint8_t{0x07}); // date, time and week number resolved
    message.put(12, std::uint32_t{50});  // time accuracy, ns
    message.putScaled(16, static_cast<double>(clock.subseconds().count()), 1e6);
}

void putMotion(LittleEndian& message, const Motion& motion) {
    const double angle = motion.course * std::numbers::pi / 180.0;
    message.putScaled(48, motion.speed * std::cos(angle), 1e3); // north, mm/s
    message.putScaled(52, motion.speed * std::sin(angle), 1e3); // east
    message.putScaled(60, motion.speed, 1e3);
    message.putScaled(64, motion.course, 1e5);
}

} // namespace

std::vector<std::uint8_t> ubxFrame(std::uint8_t messageClass, std::uint8_t id,
                                   std::span<const std::uint8_t> payload) {
    std::vector<std::uint8_t> frame{0xb5,
                                    0x62,
                                    messageClass,
                                    id,
                                    static_cast<std::uint8_t>(payload.size() & 0xff),
                                    static_cast<std::uint8_t>(payload.size() >> 8)};
    // Not insert(): g++ 12 at -O2 takes its memmove for one past the end (GCC bug 105329).
    for (const std::uint8_t byte : payload) {
        frame.push_back(byte);
    }
    std::uint8_t sumA = 0; // Fletcher's checksum of RFC 1145, from the class on
    std::uint8_t sumB = 0;
    for (std::size_t index = 2; index < frame.size(); ++index) {
        sumA = static_cast<std::uint8_t>(sumA + frame[index]);
        sumB = static_cast<std::uint8_t>(sumB + sumA);
    }
    frame.push_back(sumA);
    frame.push_back(sumB);
    return frame;
}

std::vector<std::uint8_t> ubxNavPvt(const GpsFix& fix) {
    LittleEndian message;
    putTime(message, fix.time);
    const int mode = fix.mode();
    message.put(20, static_cast<std::uint8_t>(mode == 1 ? 0 : mode)); // fixType: 0 none, 2, 3
    message.put(21, static_cast<std::uint8_t>(mode == 1 ? 0 : 1));    // gnssFixOK
    message.put(23, static_cast<std::uint8_t>(fix.satellitesUsed()));
    if (fix.valid) {
        message.putScaled(24, fix.position.longitude, 1e7);
        message.putScaled(28, fix.position.latitude, 1e7);
        message.putScaled(32, fix.position.altitude + fix.geoidSeparation, 1e3);
        message.putScaled(36, fix.position.altitude, 1e3);
        putMotion(message, fix.motion);
    }
    message.put(40, std::uint32_t{fix.valid ? 2500U : 4'294'967'295U});  // horizontal accuracy, mm
    message.put(44, std::uint32_t{fix.valid ? 4000U : 4'294'967'295U});  // vertical accuracy, mm
    message.put(68, std::uint32_t{100});                                 // speed accuracy, mm/s
    message.put(72, std::uint32_t{1'000'000});                           // course accuracy, 1e-5 degrees
    message.put(76, static_cast<std::uint16_t>(fix.valid ? 150 : 9999)); // PDOP, 0.01
    return ubxFrame(classNav, idNavPvt, message.payload());
}

} // namespace stinky::sim
