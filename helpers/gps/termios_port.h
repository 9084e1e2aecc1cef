#pragma once

#include "common/error.h"
#include "common/fd.h"
#include "gps/probe_core.h"

#include <memory>
#include <string>

namespace stinky::gps {

/// Somebody else uses the port: it was not touched. why() says who, as far as that can be told.
class PortBusy : public Error {
public:
    PortBusy(std::string path, std::string why);
};

/// A terminal device, opened for reading only and for this process alone. While it is open it is raw, 8N1,
/// without flow control and modem lines (CLOCAL, no CRTSCTS: some USB receivers hang with it), and does not
/// hang up when it is closed. It gets its own settings back when this goes, unless keep() was called.
class TermiosPort : public SerialPort {
public:
    /// `path` is a terminal device. Throws PortBusy when another process has it open, Error for everything
    /// else.
    explicit TermiosPort(const std::string& path);
    ~TermiosPort() override;
    TermiosPort(const TermiosPort&) = delete;
    TermiosPort& operator=(const TermiosPort&) = delete;

    bool setBaud(unsigned baud) override;
    unsigned baud() const override;
    /// Throws Error when the device is gone.
    std::size_t read(std::span<std::uint8_t> into) override;

    int fd() const noexcept { return fd_.get(); }

    /// Leaves the speed as it is now for whoever opens the port next (Linux keeps it over close).
    void keep() noexcept { keep_ = true; }

private:
    struct Settings; ///< termios2, which <asm/termbits.h> has and <termios.h> forbids to include beside it

    void makeRaw();

    std::string path_;
    Fd fd_;
    std::unique_ptr<Settings> original_;
    bool keep_ = false;
};

} // namespace stinky::gps
