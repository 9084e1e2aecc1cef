#include "common/atomic_file.h"
#include "common/wigle_csv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

namespace stinky {
namespace {

constexpr const char* header14 = "MAC,SSID,AuthMode,FirstSeen,Channel,RSSI,CurrentLatitude,CurrentLongitude,"
                                 "AltitudeMeters,AccuracyMeters,Type";
constexpr const char* header16 = "MAC,SSID,AuthMode,FirstSeen,Channel,Frequency,RSSI,CurrentLatitude,"
                                 "CurrentLongitude,AltitudeMeters,AccuracyMeters,RCOIs,MfgrId,Type";

WigleRow rowOf(WigleReader& reader, std::string_view line) {
    const auto result = reader.read(line);
    EXPECT_TRUE(std::holds_alternative<WigleRow>(result)) << line;
    return std::holds_alternative<WigleRow>(result) ? std::get<WigleRow>(result) : WigleRow{};
}

std::string reason(WigleReader& reader, std::string_view line) {
    const auto result = reader.read(line);
    const auto* reject = std::get_if<WigleReject>(&result);
    return reject == nullptr ? "taken" : toString(*reject);
}

TEST(WigleReader, ReadsAFileOfARealKismet) {
    WigleReader reader;
    std::vector<WigleRow> rows;
    std::string text = readFile(TEST_DATA "/kismet-2026.11.wiglecsv");
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        const auto result = reader.read(std::string_view(text).substr(at, end - at));
        EXPECT_FALSE(std::holds_alternative<WigleReject>(result));
        if (const auto* row = std::get_if<WigleRow>(&result))
            rows.push_back(*row);
    }
    ASSERT_EQ(rows.size(), 6U);
    EXPECT_EQ(rows[3].bssid.toString(), "02:00:00:00:01:00");
    EXPECT_EQ(rows[3].ssid, "HomeNet");
    EXPECT_EQ(rows[3].authMode, "[WPA2-PSK-CCMP][ESS]");
    EXPECT_EQ(rows[3].channel, 6);
    EXPECT_EQ(rows[3].frequencyMHz, 2437U);
    EXPECT_EQ(rows[3].rssi, -30);
    EXPECT_DOUBLE_EQ(rows[3].latitude, 48.1173);
    EXPECT_DOUBLE_EQ(rows[3].longitude, 11.516667);
    EXPECT_DOUBLE_EQ(rows[3].altitude, 545.4);
    EXPECT_EQ(rows[3].type, "WIFI");
    EXPECT_EQ(rows[0].ssid.substr(0, 5), "Cafe,");
}

TEST(WigleReader, ReadsTheOldAndTheNewFormatTheSame) {
    WigleReader old;
    WigleReader current;
    old.read(header14);
    current.read(header16);
    const WigleRow a =
        rowOf(old, "02:11:22:33:44:55,Caf\\303\\251 \\054 <b>&,[WPA2-PSK-CCMP][ESS],2026-06-27 "
                   "12:45:03,6,-61,47.640000,-122.330000,68.700000,0,WIFI");
    const WigleRow b =
        rowOf(current, "02:11:22:33:44:55,Caf\\303\\251 \\054 <b>&,[WPA2-PSK-CCMP][ESS],2026-06-27 "
                       "12:45:03,6,2437000,-61,47.640000,-122.330000,68.700000,0,WIFI");
    EXPECT_EQ(a.ssid, "Caf\u00e9 , <b>&");
    EXPECT_EQ(a.ssid, b.ssid);
    EXPECT_EQ(a.latitude, b.latitude);
    EXPECT_EQ(a.longitude, -122.33);
    EXPECT_EQ(a.rssi, b.rssi);
    EXPECT_EQ(a.frequencyMHz, 0U);
    EXPECT_EQ(b.frequencyMHz, 2437U);
}

TEST(WigleReader, TakesFrequenciesInMegahertzToo) {
    WigleReader reader;
    reader.read(header16);
    EXPECT_EQ(rowOf(reader, "02:11:22:33:44:55,a,[ESS],x,36,5180,-61,1,2,0,0,,,WIFI").frequencyMHz, 5180U);
    EXPECT_EQ(rowOf(reader, "02:11:22:33:44:55,a,[ESS],x,0,,-61,1,2,0,0,,,BLE").frequencyMHz, 0U);
}

TEST(WigleReader, TakesQuotedFieldsAndCarriageReturns) {
    WigleReader reader;
    reader.read(std::string(header14) + "\r");
    const WigleRow row = rowOf(reader, "02:11:22:33:44:55,\"a,\"\"b\"\"\",[ESS],x,6,-61,1.5,2.5,3,4,WIFI\r");
    EXPECT_EQ(row.ssid, "a,\"b\"");
    EXPECT_EQ(row.type, "WIFI");
}

TEST(WigleReader, FollowsASecondHeaderInMidFile) {
    WigleReader reader;
    reader.read(header14);
    rowOf(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,1,2,0,0,WIFI");
    reader.read(header16);
    EXPECT_EQ(rowOf(reader, "02:11:22:33:44:55,a,[ESS],x,6,2437,-61,1,2,0,0,,,WIFI").rssi, -61);
}

TEST(WigleReader, NamesWhyALineGaveNoRow) {
    WigleReader reader;
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,1,2,0,0,WIFI"), "no header before it");
    reader.read(header14);
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,1,2,0"), "too few fields");
    EXPECT_EQ(reason(reader, "02:11:22:33:44,a,[ESS],x,6,-61,1,2,0,0,WIFI"), "bad MAC address");
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,six,-61,1,2,0,0,WIFI"), "bad number");
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,nan,2,0,0,WIFI"), "bad position");
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,91,2,0,0,WIFI"), "bad position");
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,1,-180.1,0,0,WIFI"), "bad position");
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,,,0,0,WIFI"), "bad position");
    EXPECT_EQ(reason(reader, std::string("02:11:22:33:44:55,a\0,[ESS],x,6,-61,1,2,0,0,WIFI", 45)),
              "NUL byte");
    EXPECT_EQ(reason(reader, std::string(5000, 'x')), "line too long");
    EXPECT_EQ(reason(reader, std::string(100, ',')), "line too long");
    EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,1,2,0,0,WIFI"), "taken");
}

TEST(WigleReader, LeavesALiteralBackslashThatIsNoEscapeAlone) {
    WigleReader reader;
    reader.read(header14);
    EXPECT_EQ(rowOf(reader, "02:11:22:33:44:55,a\\b\\777\\12,[ESS],x,6,-61,1,2,0,0,WIFI").ssid,
              "a\\b\\777\\12");
}

TEST(WigleLine, IsReadBackAsItWas) {
    std::mt19937 random(20261124);
    std::uniform_int_distribution<int> byte(0, 255);
    std::uniform_int_distribution<int> length(0, 32);
    std::uniform_int_distribution<int> micro(-90'000'000, 90'000'000);
    WigleReader reader;
    reader.read(header16);
    for (int i = 0; i < 2000; ++i) {
        WigleRow row;
        for (auto& octet : row.bssid.octets)
            octet = static_cast<std::uint8_t>(byte(random));
        for (int n = length(random); n > 0; --n)
            row.ssid += static_cast<char>(byte(random));
        row.authMode = "[WPA2-PSK-CCMP][ESS]";
        row.firstSeen = "2026-11-24 00:00:00";
        row.channel = byte(random);
        row.frequencyMHz = 2412;
        row.rssi = -byte(random);
        row.latitude = micro(random) / 1e6;
        row.longitude = micro(random) / 1e6;
        row.altitude = byte(random) / 2.0;
        row.accuracy = byte(random) / 2.0;
        row.type = "WIFI";
        std::string line = wigleLine(row);
        ASSERT_EQ(line.back(), '\n');
        line.pop_back();
        ASSERT_EQ(line.find('\n'), std::string::npos);
        ASSERT_EQ(rowOf(reader, line), row) << line;
    }
}

TEST(WigleReader, PassesOverNulBytesThatAPowerCutLeftBeforeARow) {
    WigleReader reader;
    reader.read(header14);
    EXPECT_EQ(rowOf(reader, std::string(512, '\0') + "02:11:22:33:44:55,a,[ESS],x,6,-61,1,2,0,0,WIFI").ssid,
              "a");
    EXPECT_TRUE(std::holds_alternative<WigleReader::Skipped>(reader.read(std::string(512, '\0'))));
}

TEST(WigleReader, TakesTheBackslashThatKismetPutsBeforeAQuoteForKismets) {
    WigleReader reader;
    reader.read(header14);
    EXPECT_EQ(rowOf(reader, "02:11:22:33:44:55,\\\\042a\\\\042,[ESS],x,6,-61,1,2,0,0,WIFI").ssid, "\"a\"");
}

TEST(WigleReader, ReadsNumbersAsFromCharsDoes) {
    WigleReader reader;
    reader.read(header14);
    for (const char* text : {"48.117300", "-0.000000", "0", "7", "-90", "89.99999999999999", "1e1", "12.",
                             "00.5", "11.516666700000000001", "-33.8688197999", "0.1234567890123456"}) {
        const WigleRow row =
            rowOf(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61," + std::string(text) + ",2,0,0,WIFI");
        double expected = 0;
        std::from_chars(text, text + std::strlen(text), expected);
        EXPECT_EQ(row.latitude, expected) << text;
        EXPECT_EQ(std::signbit(row.latitude), std::signbit(expected)) << text;
    }
    for (const char* text :
         {"-", ".", "-.", "1.2.3", " 1", "1 ", "+1", "0x1", "1,5", "99999999999999999999"})
        EXPECT_EQ(
            reason(reader, "02:11:22:33:44:55,a,[ESS],x,6,-61,\"" + std::string(text) + "\",2,0,0,WIFI"),
            "bad position")
            << text;
    for (const char* text : {"6.", "6.0", "99999999999", "--6", "6a"})
        EXPECT_EQ(reason(reader, "02:11:22:33:44:55,a,[ESS],x," + std::string(text) + ",-61,1,2,0,0,WIFI"),
                  "bad number")
            << text;
}

TEST(WigleLine, OfTheOldFormatIsReadBackToo) {
    WigleRow row;
    row.bssid.octets = {2, 0x11, 0x22, 0x33, 0x44, 0x55};
    row.ssid = "a,\"b\"\n<&";
    row.authMode = "[WPA2]\n02:00:00:00:00:01,injected";
    row.firstSeen = "2026-11-24 00:00:00";
    row.channel = 11;
    row.rssi = -61;
    row.latitude = 1.5;
    row.longitude = -2.25;
    row.type = "WIFI";
    WigleReader reader;
    const std::string head = wigleHeader14("1.0");
    reader.read(std::string_view(head).substr(head.find('\n') + 1, head.size() - head.find('\n') - 2));
    std::string line = wigleLine14(row);
    line.pop_back();
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(rowOf(reader, line), row);
    // By position, as WigleToTAK reads it: eleven fields, latitude the seventh.
    EXPECT_EQ(std::count(line.begin(), line.end(), ','), 10);
}

TEST(WigleHeader, IsWhatTheReaderExpects) {
    WigleReader reader;
    const std::string head = wigleHeader("1.0");
    const auto end = head.find('\n');
    EXPECT_TRUE(head.starts_with("WigleWifi-1.6,"));
    EXPECT_EQ(head.substr(end + 1), std::string(header16) + "\n");
}

} // namespace
} // namespace stinky
