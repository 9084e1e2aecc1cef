#include "radio/rfkill.h"

#include <gtest/gtest.h>
#include <linux/rfkill.h>

#include <string>

namespace stinky::radio {
namespace {

std::string bytesOf(std::uint32_t index, int op, bool soft, bool hard) {
    rfkill_event event = {};
    event.idx = index;
    event.op = static_cast<unsigned char>(op);
    event.soft = soft ? 1 : 0;
    event.hard = hard ? 1 : 0;
    return {reinterpret_cast<const char*>(&event), sizeof event};
}

TEST(RfkillEvent, isReadWithBothSwitches) {
    EXPECT_EQ(parseRfkillEvent(bytesOf(2, RFKILL_OP_ADD, true, false)),
              (RfkillEvent{2, false, {true, false}}));
    EXPECT_EQ(parseRfkillEvent(bytesOf(7, RFKILL_OP_CHANGE, false, true)),
              (RfkillEvent{7, false, {false, true}}));
    EXPECT_TRUE(parseRfkillEvent(bytesOf(7, RFKILL_OP_DEL, false, false))->removed);
}

TEST(RfkillEvent, isReadFromALongerOneOfAKernelToCome) {
    EXPECT_EQ(parseRfkillEvent(bytesOf(2, RFKILL_OP_ADD, true, true) + "more"),
              (RfkillEvent{2, false, {true, true}}));
}

TEST(RfkillEvent, isRefusedAtEveryLengthBelowTheShortest) {
    const std::string whole = bytesOf(2, RFKILL_OP_ADD, true, true);
    for (std::size_t length = 0; length < whole.size(); ++length)
        EXPECT_FALSE(parseRfkillEvent(std::string_view(whole).substr(0, length))) << length;
}

TEST(Rfkill, knowsNothingOfARadioThatIsNotThere) {
    Rfkill rfkill("no-such-phy");
    EXPECT_FALSE(rfkill.block());
    EXPECT_FALSE(rfkill.update());
}

} // namespace
} // namespace stinky::radio
