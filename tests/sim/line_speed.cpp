#include "sim/line_speed.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace stinky::sim {

unsigned receiveSpeed(int fd) {
    termios2 settings{};
    if (ioctl(fd, TCGETS2, &settings) != 0) {
        return 0;
    }
    return settings.c_ispeed != 0 ? settings.c_ispeed : settings.c_ospeed;
}

} // namespace stinky::sim
