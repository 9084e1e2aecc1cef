#include "gps/last_rate.h"

#include "common/atomic_file.h"
#include "common/error.h"

#include <sys/stat.h>

#include <charconv>
#include <filesystem>

namespace stinky::gps {
namespace {

constexpr unsigned lowest = 1200;
constexpr unsigned highest = 1000000;
constexpr std::size_t longestName = 200; // a temporary file's name is made from it

} // namespace

std::optional<std::string> LastRate::fileOf(const std::string& stableName) const {
    // The name comes from a USB device, which may call itself as it likes; udev escapes, this does not rely
    // on it.
    if (directory_.empty() || stableName.empty() || stableName.size() > longestName ||
        stableName.front() == '.' || stableName.find('/') != std::string::npos)
        return std::nullopt;
    return directory_ + "/" + stableName;
}

std::optional<unsigned> LastRate::load(const std::string& stableName) const {
    const auto file = fileOf(stableName);
    if (!file)
        return std::nullopt;
    try {
        const std::string text = readFile(*file, 32);
        unsigned baud = 0;
        const char* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data(), end, baud);
        if (error == std::errc() && (stop == end || *stop == '\n') && baud >= lowest && baud <= highest)
            return baud;
    } catch (const Error&) { // none yet
    }
    return std::nullopt;
}

bool LastRate::save(const std::string& stableName, unsigned baud) const {
    const auto file = fileOf(stableName);
    if (!file)
        return false;
    std::error_code error;
    std::filesystem::create_directories(directory_, error);
    try {
        writeFileAtomically(*file, std::to_string(baud) + "\n", S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace stinky::gps
