#pragma once

#include "common/fd.h"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace stinky::gps {

/// gpsd's control socket as gpsd(8) has it, in a thread. Each connection may send several commands.
class FakeGpsd {
public:
    enum class Dialect { words, json }; ///< up to 3.22; from 3.23
    enum class Mood { willing, refusing, silent, hangingUp };

    /// `path` is where the socket goes; it is removed at the end.
    FakeGpsd(std::string path, Dialect dialect, Mood mood = Mood::willing);
    ~FakeGpsd();
    FakeGpsd(const FakeGpsd&) = delete;
    FakeGpsd& operator=(const FakeGpsd&) = delete;

    /// Somebody else, as gpsdctl@, adds a device.
    void hold(const std::string& device);
    std::vector<std::string> devices() const;
    std::vector<std::string> commands() const;

private:
    void serve();
    void converse(int fd);
    std::string answer(const std::string& command);

    std::string path_;
    Dialect dialect_;
    Mood mood_;
    Fd listener_;
    Fd stop_;
    mutable std::mutex mutex_;
    std::vector<std::string> devices_;
    std::vector<std::string> commands_;
    std::thread thread_;
};

} // namespace stinky::gps
