#pragma once

#include "common/bus.h"
#include "common/error.h"

#include <chrono>
#include <string>

namespace stinky::radio {

/// An error reply, or none within the deadline.
class BusError : public Error {
public:
    BusError(std::string tried, std::string object, const sd_bus_error& error, int code);

    /// The D-Bus name of the error.
    const std::string& name() const noexcept { return name_; }

    /// The one who was asked is not there (any more), or does not know the object that was asked about.
    bool isAbsence() const noexcept;

private:
    std::string name_;
};

/// How long an answer is waited for. A manager that is busy with a card answers late, not never:
/// NetworkManager took 6 s on a loaded machine while it was starting.
inline constexpr std::chrono::seconds busDeadline{15};

/// Sends `message` and waits for the answer; the service that is asked is not started for it. Throws
/// BusError.
bus::Message call(sd_bus* bus, sd_bus_message* message, const char* tried, const std::string& object);

/// A call without arguments that starts nobody.
bus::Message quietCall(sd_bus* bus, const char* destination, const std::string& path, const char* interface,
                       const char* member);

/// org.freedesktop.DBus.Properties.Get, without an answer yet.
bus::Message getProperty(sd_bus* bus, const char* destination, const std::string& path,
                         const char* interface, const char* property);

/// What the answer to getProperty() holds.
std::string stringOf(sd_bus_message* reply);
bool boolOf(sd_bus_message* reply);
std::uint32_t numberOf(sd_bus_message* reply);

/// Whether somebody has the name on the bus.
bool hasOwner(sd_bus* bus, const char* name);

} // namespace stinky::radio
