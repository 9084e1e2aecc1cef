#include "scan/radiotap.h"

#include <gtest/gtest.h>

#include "frame_builder.h"

namespace stinky::scan {
namespace {

using test::Buffer;

TEST(Radiotap, ReadsChannelAndSignal) {
    const auto r = parseRadiotap(test::radiotap(5180, -42));
    ASSERT_TRUE(r);
    EXPECT_EQ(r->length, 15U);
    EXPECT_EQ(r->frequencyMHz, 5180U);
    EXPECT_EQ(r->rssi, -42);
    EXPECT_FALSE(r->badFcs);
}

TEST(Radiotap, AlignsEachFieldToItsSize) {
    // TSFT (8, aligned to 8), flags, rate, channel (aligned to 2), signal.
    const Buffer bytes = {0, 0, 23, 0, 0x2f, 0, 0,    0,    1,    2, 3,   4,
                          5, 6, 7,  8, 0x10, 2, 0x6c, 0x09, 0xa0, 0, 0xce};
    const auto r = parseRadiotap(bytes);
    ASSERT_TRUE(r);
    EXPECT_EQ(r->frequencyMHz, 2412U);
    EXPECT_EQ(r->rssi, -50);
    EXPECT_TRUE(r->fcsAtEnd);
}

TEST(Radiotap, TakesTheStrongestOfSeveralAntennas) {
    // Three present words: signal of all; then two antennas, each with signal and antenna number.
    const Buffer bytes = {0,    0, 25, 0,    0x20, 0, 0,    0xa0, 0x20, 0x08, 0, 0xa0, 0x20,
                          0x08, 0, 0,  0xb0, 0xa6, 0, 0xba, 1,    0,    0,    0, 0};
    const auto r = parseRadiotap(bytes);
    ASSERT_TRUE(r);
    EXPECT_EQ(r->rssi, -70);
}

TEST(Radiotap, KnowsADamagedFrame) {
    EXPECT_TRUE(parseRadiotap(test::radiotap(2412, -1, 0x40))->badFcs);
}

TEST(Radiotap, RefusesWhatIsCutOrClaimsTooMuch) {
    const Buffer whole = test::radiotap();
    for (std::size_t cut = 0; cut < whole.size(); ++cut)
        EXPECT_FALSE(parseRadiotap(Buffer(whole.begin(), whole.begin() + static_cast<long>(cut)))) << cut;
    Buffer tooShortForItsFields = whole;
    tooShortForItsFields[2] = 14;
    EXPECT_FALSE(parseRadiotap(tooShortForItsFields));
    Buffer version = whole;
    version[0] = 1;
    EXPECT_FALSE(parseRadiotap(version));
}

TEST(Radiotap, RefusesPresentWordsWithoutEnd) {
    Buffer bytes = {0, 0, 200, 0};
    while (bytes.size() < 200)
        bytes.push_back(0xff);
    EXPECT_FALSE(parseRadiotap(bytes));
}

} // namespace
} // namespace stinky::scan
