#include "sim/nmea_writer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdarg>
#include <cstdint>
#include <cstdio>

namespace stinky::sim {

namespace {

constexpr std::array<TalkerInfo, 8> talkers{{
    {"GP", 1, 32},
    {"GN", 1, 32},
    {"GL", 65, 32},
    {"GA", 1, 36},
    {"GB", 1, 37},
    {"BD", 1, 37},
    {"GQ", 193, 7},
    {"GI", 1, 14},
}};

constexpr double knotsPerMetreSecond = 3600.0 / 1852.0;
constexpr double kilometresHourPerMetreSecond = 3.6;
constexpr int satellitesPerGsv = 4;
constexpr int satellitesPerGsa = 12;

__attribute__((format(printf, 1, 2))) std::string format(const char* pattern, ...) {
    std::array<char, 128> buffer{};
    va_list arguments;
    va_start(arguments, pattern);
    const int length = std::vsnprintf(buffer.data(), buffer.size(), pattern, arguments);
    va_end(arguments);
    return {buffer.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), buffer.size() - 1)};
}

/// Whole numbers all the way, so that 59.99999999 minutes become the next degree and never "60.0000000".
std::string angle(double degrees, int degreeDigits, char positive, char negative) {
    constexpr std::int64_t unitsPerMinute = 10'000'000;
    constexpr std::int64_t unitsPerDegree = 60 * unitsPerMinute;
    const std::int64_t units = std::llround(std::fabs(degrees) * static_cast<double>(unitsPerDegree));
    const std::int64_t minutes = units % unitsPerDegree;
    return format("%0*lld%02lld.%07lld,%c", degreeDigits, static_cast<long long>(units / unitsPerDegree),
                  static_cast<long long>(minutes / unitsPerMinute),
                  static_cast<long long>(minutes % unitsPerMinute),
                  std::signbit(degrees) ? negative : positive);
}

std::string timeOfDay(UtcTime time) {
    const auto hundredths = std::chrono::floor<std::chrono::duration<int, std::centi>>(
        time - std::chrono::floor<std::chrono::days>(time));
    const int seconds = hundredths.count() / 100;
    return format("%02d%02d%02d.%02d", seconds / 3600, seconds / 60 % 60, seconds % 60,
                  hundredths.count() % 100);
}

std::string date(UtcTime time) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    return format("%02u%02u%02d", static_cast<unsigned>(day.day()), static_cast<unsigned>(day.month()),
                  static_cast<int>(day.year()) % 100);
}

std::string place(const GpsFix& fix) {
    if (!fix.valid) {
        return ",,,";
    }
    return nmeaLatitude(fix.position.latitude) + ',' + nmeaLongitude(fix.position.longitude);
}

/// A receiver that stands still has no course to tell.
std::string course(const GpsFix& fix) {
    return fix.motion.speed > 0 ? format("%.2f", fix.motion.course) : std::string();
}

std::string rmc(std::string_view talker, const GpsFix& fix) {
    const std::string motion =
        fix.valid ? format("%.3f,", fix.motion.speed * knotsPerMetreSecond) + course(fix) : std::string(",");
    return std::string(talker) + "RMC," + timeOfDay(fix.time) + (fix.valid ? ",A," : ",V,") + place(fix) +
           ',' + motion + ',' + date(fix.time) + ",,," + (fix.valid ? 'A' : 'N');
}

std::string vtg(std::string_view talker, const GpsFix& fix) {
    const std::string head = std::string(talker) + "VTG,";
    if (!fix.valid) {
        return head + ",T,,M,,N,,K,N";
    }
    return head + course(fix) + ",T,,M," +
           format("%.3f,N,%.3f,K,A", fix.motion.speed * knotsPerMetreSecond,
                  fix.motion.speed * kilometresHourPerMetreSecond);
}

std::string gga(std::string_view talker, const GpsFix& fix) {
    const std::string head = std::string(talker) + "GGA," + timeOfDay(fix.time) + ',' + place(fix);
    if (!fix.valid) {
        return head + ",0,00,99.99,,,,,,";
    }
    const std::string quality = format(",1,%02d,0.9,", fix.satellitesUsed());
    if (fix.mode() == 2) {
        return head + quality + ",M,,M,,"; // gpsd takes any altitude for a fix in three dimensions
    }
    return head + quality + format("%.1f,M,%.1f,M,,", fix.position.altitude, fix.geoidSeparation);
}

/// `system` is NMEA 4.10's number of the constellation; 0 leaves the field out.
std::string gsa(std::string_view talker, const GpsFix& fix, int first, int used, int system) {
    std::string body = std::string(talker) + format("GSA,A,%d", fix.mode());
    for (int channel = 0; channel < satellitesPerGsa; ++channel) {
        body += fix.valid && channel < used ? format(",%02d", first + channel) : std::string(",");
    }
    body += fix.valid ? ",1.50,0.90,1.20" : ",99.99,99.99,99.99";
    return system > 0 ? body + format(",%d", system) : body;
}

/// `place` is where in the sky to begin, so that two constellations do not stand in the same spots.
void appendGsv(std::vector<std::string>& sentences, std::string_view talker, int first, int count,
               int place) {
    const int messages = std::max(1, (count + satellitesPerGsv - 1) / satellitesPerGsv);
    for (int message = 0; message < messages; ++message) {
        std::string body = std::string(talker) + format("GSV,%d,%d,%02d", messages, message + 1, count);
        const int end = std::min(count, (message + 1) * satellitesPerGsv);
        for (int index = message * satellitesPerGsv; index < end; ++index) {
            // Spread over the sky, and strong enough for a receiver outdoors.
            body += format(",%02d,%02d,%03d,%02d", first + index, 15 + (place + index) * 7 % 70,
                           (place + index) * 47 % 360, 30 + index * 5 % 18);
        }
        sentences.push_back(nmeaSentence(body));
    }
}

/// A receiver of several constellations: one GSA for each, and GSV under each one's own talker.
void appendSatellites(std::vector<std::string>& sentences, const TalkerInfo& info, const GpsFix& fix) {
    const int view = std::min(fix.satellitesInView, info.satellites);
    const int used = std::min(fix.satellitesUsed(), view);
    if (info.talker != "GN") {
        sentences.push_back(nmeaSentence(gsa(info.talker, fix, info.firstSatellite, used, 0)));
        appendGsv(sentences, info.talker, info.firstSatellite, view, 0);
        return;
    }
    const TalkerInfo& glonass = *findTalker("GL");
    sentences.push_back(nmeaSentence(gsa("GN", fix, info.firstSatellite, used - used / 2, 1)));
    sentences.push_back(nmeaSentence(gsa("GN", fix, glonass.firstSatellite, used / 2, 2)));
    appendGsv(sentences, "GP", info.firstSatellite, view - view / 2, 0);
    appendGsv(sentences, glonass.talker, glonass.firstSatellite, view / 2, view - view / 2);
}

} // namespace

int GpsFix::satellitesUsed() const {
    return valid ? std::min(satellitesInView, satellitesPerGsa) : 0;
}

int GpsFix::mode() const {
    if (!valid) {
        return 1;
    }
    return satellitesInView >= 4 ? 3 : 2;
}

const TalkerInfo* findTalker(std::string_view talker) {
    const auto* const found = std::find_if(talkers.begin(), talkers.end(),
                                           [talker](const TalkerInfo& t) { return t.talker == talker; });
    return found == talkers.end() ? nullptr : found;
}

unsigned nmeaChecksum(std::string_view body) {
    unsigned sum = 0;
    for (const char c : body) {
        sum ^= static_cast<unsigned char>(c);
    }
    return sum;
}

std::string nmeaSentence(std::string_view body) {
    return '$' + std::string(body) + format("*%02X\r\n", nmeaChecksum(body));
}

std::string nmeaLatitude(double degrees) {
    return angle(degrees, 2, 'N', 'S');
}

std::string nmeaLongitude(double degrees) {
    return angle(degrees, 3, 'E', 'W');
}

std::vector<std::string> nmeaBurst(std::string_view talker, const GpsFix& fix) {
    std::vector<std::string> sentences;
    sentences.push_back(nmeaSentence(rmc(talker, fix)));
    sentences.push_back(nmeaSentence(vtg(talker, fix)));
    sentences.push_back(nmeaSentence(gga(talker, fix)));
    appendSatellites(sentences, *findTalker(talker), fix);
    return sentences;
}

} // namespace stinky::sim
