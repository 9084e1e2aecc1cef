#include "sim/nmea_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>

#include "unit/sim/nmea_reader.h"

namespace stinky::sim::test {

namespace {

using namespace std::chrono_literals;

GpsFix munich() {
    GpsFix fix;
    fix.time = std::chrono::sys_days{std::chrono::year{2024} / 5 / 17} + 9h + 5min + 7s + 250ms;
    fix.position = {48.1173, 11.516667, 545.4};
    fix.geoidSeparation = 46.9;
    fix.satellitesInView = 8;
    fix.valid = true;
    return fix;
}

std::string joined(const std::vector<std::string>& sentences) {
    std::string stream;
    for (const std::string& sentence : sentences) {
        stream += sentence;
    }
    return stream;
}

std::string sixDecimals(double degrees) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.6f", degrees);
    return text.data();
}

/// Through the sentence and back, the way gpsd reads it.
std::string roundTrip(const std::string& angle) {
    const auto parts = fields(angle);
    return sixDecimals(gpsdDegrees(parts.at(0), parts.at(1).at(0)));
}

class Talker : public testing::TestWithParam<const char*> {};

} // namespace

TEST(NmeaWriter, TheChecksumIsThatOfAPublishedSentence) {
    EXPECT_EQ(nmeaSentence("GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"),
              "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n");
}

TEST(NmeaWriter, AChecksumBelow16HasTwoDigits) {
    EXPECT_EQ(nmeaSentence("AB"), "$AB*03\r\n");
}

TEST_P(Talker, EverySentenceIsWellFormedAndShortEnough) {
    GpsFix fix = munich();
    fix.satellitesInView = 32;
    fix.position = {-89.999999, -179.999999, 49999.9};
    fix.geoidSeparation = -106.9;
    fix.motion = {299.9, 359.99};
    const auto sentences = nmeaBurst(GetParam(), fix);
    EXPECT_EQ(validSentences(joined(sentences)).size(), sentences.size());
    for (const std::string& sentence : sentences) {
        EXPECT_LE(sentence.size(), 82U) << sentence;
        EXPECT_TRUE(sentence.ends_with("\r\n"));
    }
}

TEST_P(Talker, ABurstHasAllSentencesAndEverySatellite) {
    const std::string stream = joined(nmeaBurst(GetParam(), munich()));
    for (const char* type : {"RMC", "VTG", "GGA", "GSA", "GSV"}) {
        EXPECT_TRUE(findSentence(stream, type)) << type;
    }
    std::size_t satellites = 0;
    for (const std::string& sentence : validSentences(stream)) {
        if (sentence.compare(3, 3, "GSV") == 0) {
            satellites += (fields(sentence).size() - 4) / 4;
        }
    }
    const std::size_t expected = std::string_view(GetParam()) == "GQ" ? 7 : 8; // QZSS has no more
    EXPECT_EQ(satellites, expected);
}

INSTANTIATE_TEST_SUITE_P(All, Talker, testing::Values("GP", "GN", "GL", "GA", "GB", "BD", "GQ", "GI"),
                         [](const auto& talker) { return std::string(talker.param); });

TEST(NmeaWriter, AnUnknownTalkerIsNotFound) {
    EXPECT_EQ(findTalker("XX"), nullptr);
    EXPECT_EQ(findTalker(""), nullptr);
}

TEST(NmeaWriter, RmcHasTimeDatePositionAndMotion) {
    GpsFix fix = munich();
    fix.motion = {10.0, 84.4};
    EXPECT_EQ(nmeaBurst("GP", fix).front().substr(0, 73),
              "$GPRMC,090507.25,A,4807.0380000,N,01131.0000200,E,19.438,84.40,170524,,,A");
}

TEST(NmeaWriter, GgaHasAltitudeAndGeoidSeparation) {
    const auto gga = findSentence(joined(nmeaBurst("GN", munich())), "GGA");
    ASSERT_TRUE(gga);
    const std::vector<std::string> expected{
        "$GNGGA", "090507.25", "4807.0380000", "N", "01131.0000200", "E", "1",
        "08",     "0.9",       "545.4",        "M", "46.9",          "M", "",
        ""};
    EXPECT_EQ(*gga, expected);
}

TEST(NmeaWriter, GsaListsTwelveChannelsAndTheMode) {
    const auto gsa = findSentence(joined(nmeaBurst("GP", munich())), "GSA");
    ASSERT_TRUE(gsa);
    ASSERT_EQ(gsa->size(), 18U);
    EXPECT_EQ(gsa->at(2), "3");
    EXPECT_EQ(gsa->at(10), "08");
    EXPECT_EQ(gsa->at(11), "");
}

TEST(NmeaWriter, WithoutAFixThereIsTimeAndNoPosition) {
    GpsFix fix = munich();
    fix.valid = false;
    const std::string stream = joined(nmeaBurst("GP", fix));
    const auto rmc = findSentence(stream, "RMC");
    const auto gga = findSentence(stream, "GGA");
    ASSERT_TRUE(rmc && gga);
    EXPECT_EQ(rmc->at(1), "090507.25");
    EXPECT_EQ(rmc->at(2), "V");
    EXPECT_EQ(rmc->at(3), "");
    EXPECT_EQ(rmc->size(), 13U);
    EXPECT_EQ(gga->at(6), "0");
    EXPECT_EQ(gga->size(), 15U);
    EXPECT_EQ(findSentence(stream, "GSA")->at(2), "1");
    EXPECT_EQ(findSentence(stream, "VTG")->size(), 10U);
}

TEST(NmeaWriter, ThreeSatellitesGiveAFixWithoutAltitude) {
    GpsFix fix = munich();
    fix.satellitesInView = 3;
    const std::string stream = joined(nmeaBurst("GP", fix));
    EXPECT_EQ(findSentence(stream, "GSA")->at(2), "2");
    const auto gga = findSentence(stream, "GGA");
    EXPECT_EQ(gga->at(9), "");
    EXPECT_EQ(gga->size(), 15U);
}

TEST(NmeaWriter, TheLastMomentOfADayKeepsItsDate) {
    GpsFix fix = munich();
    fix.time = std::chrono::sys_days{std::chrono::year{2024} / 2 / 29} + 23h + 59min + 59s + 999ms;
    const auto rmc = findSentence(joined(nmeaBurst("GP", fix)), "RMC");
    EXPECT_EQ(rmc->at(1), "235959.99");
    EXPECT_EQ(rmc->at(9), "290224");
}

TEST(NmeaWriter, SouthAndWestHaveTheirLetters) {
    EXPECT_EQ(nmeaLatitude(-33.856785), "3351.4071000,S");
    EXPECT_EQ(nmeaLongitude(-0.000001), "00000.0000600,W");
    EXPECT_EQ(nmeaLongitude(151.215301), "15112.9180600,E");
}

TEST(NmeaWriter, MinutesNeverRoundUpToSixty) {
    EXPECT_EQ(nmeaLatitude(47.99999999999), "4800.0000000,N");
    EXPECT_EQ(nmeaLatitude(47.999999), "4759.9999400,N");
    EXPECT_EQ(nmeaLongitude(-9.99999999999), "01000.0000000,W");
    EXPECT_EQ(nmeaLatitude(90), "9000.0000000,N");
    EXPECT_EQ(nmeaLongitude(-180), "18000.0000000,W");
    EXPECT_EQ(nmeaLatitude(0), "0000.0000000,N");
}

TEST(NmeaWriter, SixDecimalsSurviveNearEveryMinute) {
    for (int minute = 0; minute <= 60; ++minute) {
        for (int micro = -3; micro <= 3; ++micro) {
            const double degrees = std::round((11 + minute / 60.0) * 1e6 + micro) / 1e6;
            EXPECT_EQ(roundTrip(nmeaLongitude(degrees)), sixDecimals(degrees));
            EXPECT_EQ(roundTrip(nmeaLatitude(-degrees)), sixDecimals(-degrees));
        }
    }
}

TEST(NmeaWriter, SixDecimalsSurviveAllOverTheWorld) {
    std::mt19937 random(7);
    std::uniform_int_distribution<int> east(-180'000'000, 180'000'000);
    std::uniform_int_distribution<int> north(-90'000'000, 90'000'000);
    for (int round = 0; round < 20'000; ++round) {
        const double longitude = east(random) / 1e6;
        const double latitude = north(random) / 1e6;
        ASSERT_EQ(roundTrip(nmeaLongitude(longitude)), sixDecimals(longitude));
        ASSERT_EQ(roundTrip(nmeaLatitude(latitude)), sixDecimals(latitude));
    }
}

} // namespace stinky::sim::test
