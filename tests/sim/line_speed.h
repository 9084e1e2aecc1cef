#pragma once

namespace stinky::sim {

/// The speed at which the terminal `fd` receives, bit/s, unusual rates included; 0 for B0 or when it cannot
/// be told. On the master of a pty that is the speed which the reader set on the slave.
///
/// Alone in its file: <asm/termbits.h>, which has termios2, and <termios.h> exclude each other.
unsigned receiveSpeed(int fd);

} // namespace stinky::sim
