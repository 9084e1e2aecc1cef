#include "gps/nmea.h"
#include "gps/sirf.h"
#include "gps/ubx.h"
#include "sim/nmea_writer.h"
#include "sim/ubx_writer.h"

#include <gmock/gmock.h>

#include <random>

namespace stinky::gps {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using Bytes = std::vector<std::uint8_t>;

std::vector<std::string> talkersIn(std::string_view text) {
    NmeaReader reader;
    std::vector<std::string> found;
    for (const char c : text)
        if (auto talker = reader.push(static_cast<std::uint8_t>(c)))
            found.push_back(*talker);
    return found;
}

template <typename Reader>
unsigned packetsIn(const Bytes& bytes) {
    Reader reader;
    unsigned found = 0;
    for (const std::uint8_t byte : bytes)
        found += reader.push(byte);
    return found;
}

Bytes operator+(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

const std::string good = "$GPGLL,,,,,123519.00,V,N*47\r\n";

TEST(Nmea, EveryGnssTalkerCounts) {
    for (const std::string talker : {"GP", "GN", "GL", "GA", "GB", "BD", "GQ", "GI"})
        EXPECT_THAT(talkersIn(sim::nmeaSentence(talker + "RMC,,V,,,,,,,,,,N")), ElementsAre(talker));
}

struct NmeaCase {
    const char* what;
    std::string text;
    std::size_t found;
};

class NmeaStreams : public testing::TestWithParam<NmeaCase> {};

TEST_P(NmeaStreams, HoldAsManySentences) {
    EXPECT_EQ(talkersIn(GetParam().text).size(), GetParam().found) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Table, NmeaStreams,
    testing::Values(
        NmeaCase{"nothing", "", 0}, NmeaCase{"one sentence", good, 1},
        NmeaCase{"two sentences", good + good, 2},
        NmeaCase{"no line end between them", good.substr(0, good.size() - 2) + good, 2},
        NmeaCase{"a wrong checksum", "$GPGLL,,,,,123519.00,V,N*46\r\n", 0},
        NmeaCase{"a changed byte", "$GPGLL,,,,,123518.00,V,N*47\r\n", 0},
        NmeaCase{"no checksum", "$GPGLL,,,,,123519.00,V,N\r\n", 0},
        NmeaCase{"half a checksum", "$GPGLL,,,,,123519.00,V,N*4\r\n", 0},
        NmeaCase{"a checksum of other letters", "$GPGLL,,,,,123519.00,V,N*4G\r\n", 0},
        NmeaCase{"a checksum in small letters", sim::nmeaSentence("GPTXT,o").substr(0, 9) + "*0f\r\n", 0},
        NmeaCase{"the end of one and a whole one", "9.00,V,N*47\r\n" + good, 1},
        NmeaCase{"the beginning of one and a whole one", "$GPGLL,,,,,1235" + good, 1},
        NmeaCase{"noise before", "\xff\x80\x00\xb5 $$$*" + good, 1},
        NmeaCase{"a control character inside", "$GPGLL,,,\x01,,123519.00,V,N*46\r\n", 0},
        NmeaCase{"a byte above ASCII inside", "$GPGLL,,,\xc3,,123519.00,V,N*84\r\n", 0},
        NmeaCase{"a compass", sim::nmeaSentence("HCHDG,98.3,0.0,E,12.6,W"), 0},
        NmeaCase{"a maker's own sentence", sim::nmeaSentence("PMTK010,001"), 0},
        NmeaCase{"AIS", "!AIVDM,1,1,,A,14eG;o@034o8sd<L9i:a;WF>062D,0*7D\r\n", 0},
        NmeaCase{"an address that is too short", sim::nmeaSentence("GPGL,1"), 0},
        NmeaCase{"an address that is too long", sim::nmeaSentence("GPGLLX,1"), 0},
        NmeaCase{"an address in small letters", sim::nmeaSentence("GPgll,1"), 0},
        NmeaCase{"no field", sim::nmeaSentence("GPGLL"), 0},
        NmeaCase{"a star too many", "$GPGLL,,,*,,123519.00,V,N*47\r\n", 0},
        NmeaCase{"only a star", "$*00\r\n", 0},
        NmeaCase{"the longest sentence", sim::nmeaSentence("GPTXT," + std::string(118, 'x')), 1},
        NmeaCase{"a longer one", sim::nmeaSentence("GPTXT," + std::string(119, 'x')), 0},
        NmeaCase{"a very long line, then a sentence", "$GPTXT," + std::string(100000, 'x') + good, 1},
        NmeaCase{"printable chatter", "uptime 1234 ms\r\ntemperature=21.5 C\r\n$ cost: 5 * 3A\r\n", 0}));

TEST(Nmea, EveryTruncationOfASentenceIsNone) {
    for (std::size_t length = 0; length < good.size() - 2; ++length)
        EXPECT_THAT(talkersIn(good.substr(0, length)), IsEmpty()) << length;
}

TEST(Nmea, AResetForgetsWhatWasBegun) {
    NmeaReader reader;
    for (const char c : good.substr(0, 20))
        reader.push(static_cast<std::uint8_t>(c));
    reader.reset();
    for (const char c : good.substr(20))
        EXPECT_FALSE(reader.push(static_cast<std::uint8_t>(c)));
}

Bytes ubx(std::size_t payload) {
    Bytes bytes(payload);
    for (std::size_t i = 0; i < payload; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7);
    return sim::ubxFrame(1, 7, bytes);
}

TEST(Ubx, PacketsAreFoundUpToTheLongest) {
    EXPECT_EQ(packetsIn<UbxReader>(ubx(0)), 1U);
    EXPECT_EQ(packetsIn<UbxReader>(ubx(92) + ubx(92)), 2U);
    EXPECT_EQ(packetsIn<UbxReader>(ubx(UbxFormat::longest - 8)), 1U);
    EXPECT_EQ(packetsIn<UbxReader>(ubx(UbxFormat::longest - 7)), 0U);
}

TEST(Ubx, EveryChangedByteAndEveryTruncationIsNoticed) {
    const Bytes packet = ubx(20);
    for (std::size_t i = 0; i < packet.size(); ++i) {
        Bytes changed = packet;
        changed[i] ^= 0x10;
        EXPECT_EQ(packetsIn<UbxReader>(changed), 0U) << i;
        EXPECT_EQ(packetsIn<UbxReader>(Bytes(packet.begin(), packet.begin() + static_cast<long>(i))), 0U)
            << i;
    }
}

TEST(Ubx, AFalseStartDoesNotSwallowThePacketBehindIt) {
    const Bytes falseStart{0xb5, 0x62, 0x01, 0x02, 0x1c, 0x00, 0x00};
    EXPECT_EQ(packetsIn<UbxReader>(falseStart + ubx(92) + ubx(92)), 2U);
    EXPECT_EQ(packetsIn<UbxReader>(Bytes{0xb5, 0xb5, 0xb5} + ubx(3)), 1U);
    const Bytes tooLong{0xb5, 0x62, 0x01, 0x02, 0xff, 0xff};
    EXPECT_EQ(packetsIn<UbxReader>(tooLong + ubx(3)), 1U);
}

TEST(Ubx, MidPacketIsAKnownLength) {
    UbxReader reader;
    const Bytes packet = ubx(4);
    for (std::size_t i = 0; i < packet.size(); ++i) {
        EXPECT_EQ(reader.midPacket(), i >= 6) << i;
        reader.push(packet[i]);
    }
    EXPECT_FALSE(reader.midPacket());
}

Bytes sirf(std::size_t payload) {
    Bytes bytes{0xa0, 0xa2, static_cast<std::uint8_t>(payload >> 8), static_cast<std::uint8_t>(payload)};
    unsigned sum = 0;
    for (std::size_t i = 0; i < payload; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(255 - i));
        sum += bytes.back();
    }
    sum &= 0x7fff;
    return bytes + Bytes{static_cast<std::uint8_t>(sum >> 8), static_cast<std::uint8_t>(sum), 0xb0, 0xb3};
}

TEST(Sirf, AMessageFromTheManualIsFound) {
    // "Poll software version", message 132, as the manual prints it.
    EXPECT_EQ(packetsIn<SirfReader>({0xa0, 0xa2, 0x00, 0x02, 0x84, 0x00, 0x00, 0x84, 0xb0, 0xb3}), 1U);
}

TEST(Sirf, PacketsAreFoundUpToTheLongest) {
    EXPECT_EQ(packetsIn<SirfReader>(sirf(41) + sirf(41)), 2U);
    EXPECT_EQ(packetsIn<SirfReader>(sirf(1023)), 1U);
    EXPECT_EQ(packetsIn<SirfReader>(sirf(1024)), 0U);
    EXPECT_EQ(packetsIn<SirfReader>(sirf(0)), 0U) << "a message has at least its number";
}

TEST(Sirf, EveryChangedByteAndEveryTruncationIsNoticed) {
    const Bytes packet = sirf(20);
    for (std::size_t i = 0; i < packet.size(); ++i) {
        Bytes changed = packet;
        changed[i] ^= 0x10;
        EXPECT_EQ(packetsIn<SirfReader>(changed), 0U) << i;
        EXPECT_EQ(packetsIn<SirfReader>(Bytes(packet.begin(), packet.begin() + static_cast<long>(i))), 0U)
            << i;
    }
}

TEST(Sirf, AFalseStartDoesNotSwallowThePacketBehindIt) {
    EXPECT_EQ(packetsIn<SirfReader>(Bytes{0xa0, 0xa2, 0x00, 0x20, 0x01} + sirf(41) + sirf(41)), 2U);
}

TEST(Readers, ProtocolsInOneStreamAreToldApart) {
    const Bytes text(good.begin(), good.end());
    const Bytes mixed = ubx(92) + text + sirf(41) + text + ubx(8);
    EXPECT_EQ(packetsIn<UbxReader>(mixed), 2U);
    EXPECT_EQ(packetsIn<SirfReader>(mixed), 1U);
    EXPECT_EQ(talkersIn(std::string(mixed.begin(), mixed.end())).size(), 2U);
}

TEST(Readers, AMegabyteOfNoiseHoldsNoReceiver) {
    std::mt19937 random(7);
    Bytes noise(1 << 20);
    for (std::uint8_t& byte : noise)
        byte = static_cast<std::uint8_t>(random());
    EXPECT_THAT(talkersIn(std::string(noise.begin(), noise.end())), IsEmpty());
    EXPECT_LT(packetsIn<UbxReader>(noise), 2U);
    EXPECT_EQ(packetsIn<SirfReader>(noise), 0U);
}

TEST(Readers, NothingButSyncCharactersTakesNoLongTime) {
    Bytes starts;
    while (starts.size() <
           (1 << 16)) // false starts whose lengths are all plausible: the worst to look through
        starts.insert(starts.end(), {0xb5, 0x62, 0x01, 0x01, 0xf0, 0x03});
    EXPECT_EQ(packetsIn<UbxReader>(starts), 0U);
}

} // namespace
} // namespace stinky::gps
