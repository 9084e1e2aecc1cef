#pragma once

#include "sim/unique_fd.h"

#include <cstdint>
#include <span>
#include <string>

namespace stinky::sim {

/// The master side of a pseudo-terminal whose slave stands for a serial port: raw, 9600 bit/s until a reader
/// sets something else. Throws std::system_error where it cannot be made.
class Pty {
public:
    Pty();

    const std::string& slavePath() const { return slavePath_; }

    int masterFd() const { return master_.get(); }

    /// Whether somebody has the slave open. Notices the last close, and then throws away what was left
    /// unread, as a serial port does.
    bool hasReader();

    /// The speed the reader has set, bit/s; 0 is a hung-up line.
    unsigned readerBaud() const;

    /// Never blocks: what a full buffer does not take is lost, as in an overrun.
    void deliver(std::span<const std::uint8_t> bytes);

    /// Reads and forgets what the reader sent to the receiver.
    void discardCommands();

private:
    void discardUnread();

    UniqueFd master_;
    std::string slavePath_;
    bool hadReader_ = false;
};

/// A symbolic link, put in place in one step and removed with this object if it is still the same.
class Symlink {
public:
    /// Replaces an existing link at `path`, but nothing else. Throws std::system_error.
    Symlink(std::string target, std::string path);
    ~Symlink();

    Symlink(const Symlink&) = delete;
    Symlink& operator=(const Symlink&) = delete;

private:
    std::string target_;
    std::string path_;
};

} // namespace stinky::sim
