#pragma once

#include <string>

namespace stinky::radio {

/// Tells the scanner which interface to listen on: /run/stinky/radio/<selector>.env, the line
/// STINKY_INTERFACE=wlan2 for EnvironmentFile= of systemd.exec(5). Only the guard knows it: which card a
/// selector means, and whether there is a monitor interface beside the card's own.
class InterfaceFile {
public:
    /// Writes it. On a machine without the folder, where a guard was started by hand, it only says so.
    InterfaceFile(const std::string& selector, std::string interface);

    const std::string& interface() const noexcept { return interface_; }

    /// Removes the file, where there is one.
    static void remove(const std::string& selector) noexcept;

private:
    std::string interface_;
};

} // namespace stinky::radio
