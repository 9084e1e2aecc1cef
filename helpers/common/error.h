#pragma once

#include <stdexcept>
#include <string>

namespace stinky {

/// A failure that says what was tried, on what, and why it did not work: "set type monitor on wlan2: Device
/// or resource busy". Library code throws it and never logs it; the program logs it once.
class Error : public std::runtime_error {
public:
    Error(std::string tried, std::string object, std::string why, int code = 0);

    /// `err` is an errno value; a negative one, as sd-bus and sd-event return it, is taken by its magnitude.
    static Error fromErrno(std::string tried, std::string object, int err);

    const std::string& tried() const noexcept { return tried_; }

    const std::string& object() const noexcept { return object_; }

    const std::string& why() const noexcept { return why_; }

    /// The errno value, 0 where there is none.
    int code() const noexcept { return code_; }

private:
    std::string tried_;
    std::string object_;
    std::string why_;
    int code_;
};

/// Throws Error::fromErrno when `result` is negative, otherwise hands it back: for calls that return -errno.
int checked(int result, const char* tried, const std::string& object = {});

} // namespace stinky
