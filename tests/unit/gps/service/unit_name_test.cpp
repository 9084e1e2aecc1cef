#include "gps/service/active_instances.h"

#include <gmock/gmock.h>

namespace stinky::gps {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(DeviceOfUnit, UnescapesAsSystemdDoes) {
    EXPECT_THAT(deviceOfUnit("stinky-gps@ttyUSB0.service"), Optional(Eq("/dev/ttyUSB0")));
    EXPECT_THAT(deviceOfUnit("stinky-gps@serial-by\\x2did-a.service"), Optional(Eq("/dev/serial/by-id/a")));
    EXPECT_THAT(deviceOfUnit("stinky-gps@tty\\x2e.service"), Optional(Eq("/dev/tty.")));
}

TEST(DeviceOfUnit, RefusesWhatIsNone) {
    for (const char* name :
         {"stinky-gps.service", "stinky-gps@.service", "stinky-gps@ttyUSB0.socket", "stinky-radio@a.service",
          "", "stinky-gps@a\\.service", "stinky-gps@a\\x2.service", "stinky-gps@a\\xzz.service",
          "stinky-gps@a\\y2d.service", "stinky-gps@a\\x00.service", "stinky-gps@a\\x2d\\.service"})
        EXPECT_EQ(deviceOfUnit(name), std::nullopt) << name;
}

} // namespace
} // namespace stinky::gps
